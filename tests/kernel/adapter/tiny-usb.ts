// The i2c-tiny-usb adapter (Till Harbaum): messages of a transaction one by one, with marks for its begin and its end.
import type { FarEnd } from './far-end.js';
import type { VendorRequests } from './usb-device.js';
import type { Setup } from './usb-ip.js';

// Requests, their marks and the states: include/uapi has none of them; drivers/i2c/busses/i2c-tiny-usb.c has.
const GET_FUNCTIONS = 1;
const GET_STATUS = 3;
const TRANSFER = 4;
const BEGIN = 1;
const END = 2;
const ACKNOWLEDGED = 1;
const NOT_ACKNOWLEDGED = 2;
/** I2C_M_RD among the flags, which are the request's value. */
const READ = 1;

// include/uapi/linux/i2c.h: I2C_FUNC_I2C, and what i2c-core makes of plain messages (I2C_FUNC_SMBUS_EMUL).
const PLAIN = 0x0000_0001;
const EMULATED = 0x0eff_0008;

export interface TinyUsbOptions {
  readonly farEnd: FarEnd;
  /** False: it says that it can't do plain messages, as SMBus controllers do. */
  readonly plain: boolean;
}

export class TinyUsb implements VendorRequests {
  readonly vendorId = 0x0403;
  readonly productId = 0xc631;
  readonly #farEnd: FarEnd;
  readonly #functions = Buffer.alloc(4);
  /** Written, and not ended by a STOP. */
  #written: Uint8Array | undefined;
  #status = ACKNOWLEDGED;

  constructor({ farEnd, plain }: TinyUsbOptions) {
    this.#farEnd = farEnd;
    this.#functions.writeUInt32LE(plain ? PLAIN | EMULATED : EMULATED);
  }

  async handle({ request, value, index, length }: Setup, data: Buffer): Promise<Buffer> {
    if (request === GET_FUNCTIONS) return this.#functions;
    if (request === GET_STATUS) return Buffer.of(this.#status);
    if ((request & TRANSFER) === 0) return Buffer.alloc(0);
    if ((request & BEGIN) !== 0) this.#written = undefined;
    this.#status = ACKNOWLEDGED;
    if ((value & READ) !== 0) return this.#run(index, length);
    this.#written = Uint8Array.from(data);
    if ((request & END) !== 0) await this.#run(index, 0);
    return Buffer.alloc(0);
  }

  /** A write that a read follows is run together with it: the wire sees one transaction with a repeated START. */
  async #run(address: number, readLength: number): Promise<Buffer> {
    const write = this.#written;
    this.#written = undefined;
    const written = write === undefined ? {} : { write, repeatedStart: true };
    const bytes = await this.#farEnd.run({ address, readLength, ...written });
    if (bytes !== 'no_ack') return Buffer.from(bytes);
    this.#status = NOT_ACKNOWLEDGED;
    return Buffer.alloc(readLength);
  }
}
