// Watches the bytes of a connection for the headers of MQTT packets, so that a too large packet is refused by its
// announced length, before any of it is kept (MQTT 3.1.1 §2.2.3).

export type FrameFault = 'packet_too_large' | 'malformed_length';

export interface FrameLimits {
  readonly maxPacketBytes: number;
  readonly maxFirstPacketBytes: number;
  readonly maxSubscribeBytes: number;
}

/** MQTT 3.1.1, table 2.1. */
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;

export class FrameScanner {
  readonly #limits: FrameLimits;
  /** Bytes of the current packet's body still to come; while negative, the header is being read. */
  #remaining = -1;
  #length = 0;
  /** Length bytes seen; -1 before the packet's first byte. */
  #lengthBytes = -1;
  #first = true;
  #type = 0;
  #packets = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Packets whose header was seen. */
  get packets(): number {
    return this.#packets;
  }

  /** Looks at the next bytes of the stream; returns what is wrong with them, if anything. */
  scan(chunk: Uint8Array): FrameFault | undefined {
    let position = 0;
    while (position < chunk.length) {
      if (this.#remaining >= 0) {
        const skipped = Math.min(this.#remaining, chunk.length - position);
        position += skipped;
        this.#remaining -= skipped;
        if (this.#remaining === 0) this.#expectHeader();
        continue;
      }
      const fault = this.#header(chunk[position++] ?? 0);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #header(byte: number): FrameFault | undefined {
    if (this.#lengthBytes < 0) {
      this.#lengthBytes = 0;
      this.#type = byte >> 4;
      return undefined;
    }
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes++;
    if ((byte & 0x80) !== 0) return this.#lengthBytes === 4 ? 'malformed_length' : undefined;
    if (this.#length > this.#limit()) return 'packet_too_large';
    this.#first = false;
    this.#packets++;
    this.#remaining = this.#length;
    if (this.#remaining === 0) this.#expectHeader();
    return undefined;
  }

  #limit(): number {
    const { maxFirstPacketBytes, maxSubscribeBytes, maxPacketBytes } = this.#limits;
    if (this.#first) return maxFirstPacketBytes;
    return this.#type === SUBSCRIBE || this.#type === UNSUBSCRIBE ? maxSubscribeBytes : maxPacketBytes;
  }

  #expectHeader(): void {
    this.#remaining = -1;
    this.#length = 0;
    this.#lengthBytes = -1;
  }
}

/** Where the packet at the beginning of `bytes` ends, by its header; undefined while that is not whole. */
export function packetEnd(bytes: Uint8Array): number | undefined {
  let length = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[index + 1];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** index;
    if ((byte & 0x80) === 0) return index + 2 + length;
  }
  return undefined;
}
