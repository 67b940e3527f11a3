// Watches the bytes of a connection for the headers of MQTT packets, so that a too large packet is refused by its
// announced length, before any of it is kept (MQTT 3.1.1 §2.2.3).

export type FrameFault = 'packet_too_large' | 'malformed_length';

export interface FrameLimits {
  readonly maxPacketBytes: number;
  readonly maxFirstPacketBytes: number;
}

export class FrameScanner {
  readonly #limits: FrameLimits;
  /** Bytes of the current packet's body still to come; while negative, the header is being read. */
  #remaining = -1;
  #length = 0;
  /** Length bytes seen; -1 before the packet's first byte. */
  #lengthBytes = -1;
  #first = true;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
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
      return undefined;
    }
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes++;
    if ((byte & 0x80) !== 0) return this.#lengthBytes === 4 ? 'malformed_length' : undefined;
    const limit = this.#first ? this.#limits.maxFirstPacketBytes : this.#limits.maxPacketBytes;
    if (this.#length > limit) return 'packet_too_large';
    this.#first = false;
    this.#remaining = this.#length;
    if (this.#remaining === 0) this.#expectHeader();
    return undefined;
  }

  #expectHeader(): void {
    this.#remaining = -1;
    this.#length = 0;
    this.#lengthBytes = -1;
  }
}
