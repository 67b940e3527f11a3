// A USB device with nothing but its control endpoint, as both I²C adapters are: who it is, and what it does when asked.
import type { Setup } from './usb-ip.js';

/** What makes the device special: its vendor requests. `data` is what an OUT request brought; an IN one gets bytes. */
export interface VendorRequests {
  readonly vendorId: number;
  readonly productId: number;
  /** May take as long as it likes, or for ever: the kernel gives up after 2 s. */
  handle(setup: Setup, data: Buffer): Promise<Buffer>;
}

const GET_DESCRIPTOR = 6;
const DEVICE = 1;
const CONFIGURATION = 2;
const VENDOR_TYPE = 0x40;
const TYPE_BITS = 0x60;

/** Resolves with the bytes of an IN request (none for an OUT one); undefined: the request is stalled. */
export async function control(
  device: VendorRequests,
  setup: Setup,
  data: Buffer,
): Promise<Buffer | undefined> {
  if ((setup.requestType & TYPE_BITS) === VENDOR_TYPE) return device.handle(setup, data);
  const isIn = setup.requestType >= 0x80;
  // SET_CONFIGURATION and the like need nothing done.
  if (!isIn) return Buffer.alloc(0);
  if (setup.request !== GET_DESCRIPTOR) return Buffer.alloc(setup.length);
  return descriptor(device, setup.value >> 8)?.subarray(0, setup.length);
}

/** USB 2.0, tables 9-8, 9-10 and 9-12. */
function descriptor({ vendorId, productId }: VendorRequests, type: number): Buffer | undefined {
  if (type === DEVICE) {
    const bytes = Buffer.from([18, DEVICE, 0x10, 0x01, 0xff, 0, 0, 64, 0, 0, 0, 0, 0x04, 0x02, 0, 0, 0, 1]);
    bytes.writeUInt16LE(vendorId, 8);
    bytes.writeUInt16LE(productId, 10);
    return bytes;
  }
  // One configuration with one interface without further endpoints.
  if (type === CONFIGURATION)
    return Buffer.from([9, CONFIGURATION, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xff, 0, 0, 0]);
  return undefined;
}
