// Frames on a stream of bytes: each begins with its length, since a stream keeps no ends of messages.

const LENGTH_BYTES = 4;

export function framed(parts: readonly Uint8Array[]): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(parts.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat([length, ...parts]);
}

/** Both ends are ours, and each hands over a bounded number of frames before it is answered: what waits here is bounded. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that end in `chunk`; they are copies. */
  *push(chunk: Uint8Array): Generator<Buffer> {
    const bytes = Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + bytes.readUInt32LE(at);
      if (end > bytes.length) break;
      yield bytes.subarray(at + LENGTH_BYTES, end);
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }
}
