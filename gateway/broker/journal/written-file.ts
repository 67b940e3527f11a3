// One file of the journal, open for appending: knows what it holds.
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Chunk } from './lines.js';

export class WrittenFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #bytes = 0;
  #entries = 0;

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** Empty, beside the one it shall replace. */
  static async beside(path: string): Promise<WrittenFile> {
    return new WrittenFile(await open(`${path}.new`, 'w', 0o600), path);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get entries(): number {
    return this.#entries;
  }

  async append({ text, count }: Chunk): Promise<void> {
    if (count === 0) return;
    await this.#handle.appendFile(text);
    this.#bytes += Buffer.byteLength(text);
    this.#entries += count;
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  /** Takes its place: a crash leaves one of both whole. */
  async replace(): Promise<void> {
    await rename(`${this.#path}.new`, this.#path);
    const folder = await open(dirname(this.#path));
    await folder.sync().finally(async () => folder.close());
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Gives its room on the disk back. */
  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(`${this.#path}.new`, { force: true });
  }
}
