// USB over a socket as the kernel's vhci-hcd speaks it once attached (Documentation/usb/usbip_protocol.rst). All numbers big-endian.

const HEADER_BYTES = 48;
const CMD_SUBMIT = 1;
const CMD_UNLINK = 2;
const RET_SUBMIT = 3;
const RET_UNLINK = 4;
const ECONNRESET = 104;
/** Longer than any control transfer. */
const MOST_BYTES = 64 * 1024;

/** The eight bytes of a control transfer's setup stage (USB 2.0, table 9-2); these in little-endian. */
export interface Setup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
}

export type UsbIpCommand =
  | { readonly kind: 'submit'; readonly sequence: number; readonly setup: Setup; readonly data: Buffer }
  /** The kernel waits no longer for `victim`. */
  | { readonly kind: 'unlink'; readonly sequence: number; readonly victim: number };

/** Cuts the stream into commands. */
export class UsbIpReader {
  #rest = Buffer.alloc(0);

  /** Throws where the stream is no USB/IP. */
  read(chunk: Buffer): UsbIpCommand[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const commands: UsbIpCommand[] = [];
    for (let command = this.#next(); command !== undefined; command = this.#next()) commands.push(command);
    return commands;
  }

  #next(): UsbIpCommand | undefined {
    const bytes = this.#rest;
    if (bytes.length < HEADER_BYTES) return undefined;
    const sequence = bytes.readUInt32BE(4);
    const kind = bytes.readUInt32BE(0);
    if (kind === CMD_UNLINK) {
      this.#rest = bytes.subarray(HEADER_BYTES);
      return { kind: 'unlink', sequence, victim: bytes.readUInt32BE(20) };
    }
    const length = bytes.readUInt32BE(24);
    if (kind !== CMD_SUBMIT || length > MOST_BYTES) throw new Error('what came is no USB/IP');
    const isOut = bytes.readUInt32BE(12) === 0;
    const end = HEADER_BYTES + (isOut ? length : 0);
    if (bytes.length < end) return undefined;
    this.#rest = bytes.subarray(end);
    return { kind: 'submit', sequence, setup: setupOf(bytes), data: bytes.subarray(HEADER_BYTES, end) };
  }
}

function setupOf(header: Buffer): Setup {
  return {
    requestType: header.readUInt8(40),
    request: header.readUInt8(41),
    value: header.readUInt16LE(42),
    index: header.readUInt16LE(44),
    length: header.readUInt16LE(46),
  };
}

/** `status`: 0 or a negative errno. `moved`: bytes taken of an OUT transfer; of an IN transfer `data` tells. */
export function submitAnswer(
  sequence: number,
  status: number,
  moved: number,
  data: Buffer = Buffer.alloc(0),
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(RET_SUBMIT, 0);
  header.writeUInt32BE(sequence, 4);
  header.writeInt32BE(status, 20);
  header.writeUInt32BE(moved, 24);
  return Buffer.concat([header, data]);
}

/** `wasWaiting`: the victim was not answered, and will not be. */
export function unlinkAnswer(sequence: number, wasWaiting: boolean): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(RET_UNLINK, 0);
  header.writeUInt32BE(sequence, 4);
  header.writeInt32BE(wasWaiting ? -ECONNRESET : 0, 20);
  return header;
}
