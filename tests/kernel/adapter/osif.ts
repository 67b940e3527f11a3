// RobotFuzz' Open Source InterFace: every message ends with a STOP, and whatever goes wrong its driver says EREMOTEIO.
import type { FarEnd } from './far-end.js';
import type { VendorRequests } from './usb-device.js';
import type { Setup } from './usb-ip.js';

// drivers/i2c/busses/i2c-robotfuzz-osif.c
const READ = 20;
const WRITE = 21;
const STATUS = 23;
const ACKNOWLEDGED = 0;
const NOT_ACKNOWLEDGED = 2;

export class Osif implements VendorRequests {
  readonly vendorId = 0x1964;
  readonly productId = 0x0001;
  readonly #farEnd: FarEnd;
  #status = ACKNOWLEDGED;

  constructor(farEnd: FarEnd) {
    this.#farEnd = farEnd;
  }

  async handle({ request, index: address, length }: Setup, data: Buffer): Promise<Buffer> {
    if (request === STATUS) return Buffer.of(this.#status);
    if (request === WRITE) await this.#run(address, { write: Uint8Array.from(data) });
    return request === READ ? this.#run(address, { readLength: length }) : Buffer.alloc(0);
  }

  async #run(address: number, what: { write: Uint8Array } | { readLength: number }): Promise<Buffer> {
    const bytes = await this.#farEnd.run({ address, ...what });
    this.#status = bytes === 'no_ack' ? NOT_ACKNOWLEDGED : ACKNOWLEDGED;
    if (bytes !== 'no_ack') return Buffer.from(bytes);
    return Buffer.alloc('readLength' in what ? what.readLength : 0);
  }
}
