// A file of what is ahead of the tables: grows by whole writes, and is emptied or replaced as a whole.
// What was written has left this process, and is on the disk after `sync`.
import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const flushed = promisify(fdatasync);

export class AheadFile {
  readonly #path: string;
  #file: number;
  #bytes: number;
  #isSynced = true;
  /** Its name is new in the folder: without a flush of that a power cut can take the name, and all behind it. */
  #isNamed: boolean;

  /** Makes it where it is missing. */
  constructor(path: string) {
    this.#path = path;
    this.#isNamed = existsSync(path);
    // Neither emptied nor written at its end whatever is asked.
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** As it is found at a start. */
  text(): string {
    return readFileSync(this.#file, 'utf8');
  }

  /** All or nothing, where the process lives on: what was cut off by a full disk is taken back. */
  append(text: string): void {
    const bytes = Buffer.from(text);
    this.#isSynced = false;
    try {
      for (let at = 0; at < bytes.length;)
        at += writeSync(this.#file, bytes, at, bytes.length - at, this.#bytes + at);
    } catch (thrown) {
      ftruncateSync(this.#file, this.#bytes);
      throw thrown;
    }
    this.#bytes += bytes.length;
  }

  cutTo(bytes: number): void {
    if (bytes === this.#bytes) return;
    ftruncateSync(this.#file, bytes);
    this.#bytes = bytes;
  }

  /** All of it by this text; at every moment one of both lies there whole. Where it throws, this is as it was. */
  replace(text: string): void {
    const path = `${this.#path}.new`;
    rmSync(path, { force: true });
    const next = new AheadFile(path);
    try {
      next.append(text);
      next.#flush();
      renameSync(path, this.#path);
    } catch (thrown) {
      next.close();
      rmSync(path, { force: true });
      throw thrown;
    }
    closeSync(this.#file);
    this.#file = next.#file;
    this.#bytes = next.#bytes;
    // Until the new name is on the disk a power cut brings the old file back, which has all of it as well.
    this.#isNamed = false;
    this.#isSynced = false;
  }

  sync(): void {
    if (this.#isSynced) return;
    this.#flush();
    if (!this.#isNamed) syncFolder(dirname(this.#path));
    this.#isNamed = true;
    this.#isSynced = true;
  }

  /** What was written before the call is on the disk when it resolves; meanwhile everything else goes on. */
  async syncBeside(): Promise<void> {
    await flushed(this.#file);
  }

  #flush(): void {
    fdatasyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** So that a name given in it outlives a power cut. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
