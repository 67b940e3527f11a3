// Takes what MQTT 5 is made of off some bytes (§1.5), and nothing that is not there whole.
import { isUtf8 } from 'node:buffer';

/** Each undefined where there is less than it takes, or where that is not well-formed. */
export class BytesReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  byte(): number | undefined {
    return this.#at < this.#end ? this.#bytes[this.#at++] : undefined;
  }

  two(): number | undefined {
    const at = this.#skip(2);
    return at === undefined ? undefined : this.#bytes.readUInt16BE(at);
  }

  four(): number | undefined {
    const at = this.#skip(4);
    return at === undefined ? undefined : this.#bytes.readUInt32BE(at);
  }

  /** In as few bytes as it takes [MQTT-1.5.5-1]. */
  variable(): number | undefined {
    let value = 0;
    for (let index = 0; index < 4; index++) {
      const byte = this.byte();
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * 128 ** index;
      if (byte < 0x80) return index > 0 && byte === 0 ? undefined : value;
    }
    return undefined;
  }

  binary(): Buffer | undefined {
    const length = this.two();
    const at = length === undefined ? undefined : this.#skip(length);
    return at === undefined ? undefined : this.#bytes.subarray(at, this.#at);
  }

  text(): string | undefined {
    const bytes = this.binary();
    return bytes === undefined || !isText(bytes) ? undefined : bytes.toString();
  }

  #skip(count: number): number | undefined {
    const at = this.#at;
    if (at + count > this.#end) return undefined;
    this.#at += count;
    return at;
  }
}

/** UTF-8 without U+0000 [MQTT-1.5.4-1] [MQTT-1.5.4-2]; so it is in MQTT 3.1.1. */
export function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
