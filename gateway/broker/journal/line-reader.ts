// The lines of a file, one after the other, however large the file is: never more of it in memory than one line.
import { createReadStream } from 'node:fs';

/** Longer ones are nothing that was written: Node's longest string has 512 MB. */
const MOST_LINE_BYTES = 400 * 1024 * 1024;
const NEWLINE = 10;

/** Undefined in place of a line that is too long. A file that is not there has none. */
export async function* linesOf(path: string): AsyncGenerator<string | undefined> {
  const line = new PartialLine();
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      const bytes = chunk as Buffer;
      let from = 0;
      for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
        line.add(bytes.subarray(from, at));
        yield line.take();
        from = at + 1;
      }
      line.add(bytes.subarray(from));
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  if (!line.isEmpty) yield line.take();
}

class PartialLine {
  #parts: Buffer[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > MOST_LINE_BYTES) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  take(): string | undefined {
    const isWhole = this.#bytes <= MOST_LINE_BYTES;
    const text = isWhole ? Buffer.concat(this.#parts).toString('utf8') : undefined;
    this.#parts = [];
    this.#bytes = 0;
    return text;
  }
}
