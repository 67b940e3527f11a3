// The machine's files, read only: what the kernel tells in /proc, /sys and /dev. Below another root it is a machine of a test.
import { lstat, open, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface Owned {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** What cannot be read is as if it were not there. */
const NOT_READABLE = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EINVAL', 'ELOOP', 'ESRCH', 'ENODEV', 'EIO'];
const MOST_BYTES = 1024 * 1024;

export class Machine {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  /** Of text that ends with a NUL, as in the device tree, what stands before it. */
  async text(path: string): Promise<string | undefined> {
    const bytes = await this.bytes(path);
    return bytes?.toString('utf8').replace(/\0.*$/s, '').trim();
  }

  async bytes(path: string): Promise<Buffer | undefined> {
    return unlessMissing(async () => {
      const file = await open(join(this.#root, path), 'r');
      try {
        const buffer = Buffer.alloc(MOST_BYTES);
        let length = 0;
        // Files of /proc come in pieces, and have no size.
        for (;;) {
          const { bytesRead } = await file.read(buffer, length, MOST_BYTES - length);
          length += bytesRead;
          if (bytesRead === 0) return buffer.subarray(0, length);
        }
      } finally {
        await file.close();
      }
    });
  }

  async names(folder: string): Promise<readonly string[] | undefined> {
    return unlessMissing(() => readdir(join(this.#root, folder)));
  }

  /** As it is written in the link. */
  async link(path: string): Promise<string | undefined> {
    return unlessMissing(() => readlink(join(this.#root, path)));
  }

  async owned(path: string): Promise<Owned | undefined> {
    return unlessMissing(async () => {
      const { uid, gid, mode } = await stat(join(this.#root, path));
      return { uid, gid, mode: mode & 0o777 };
    });
  }

  async isThere(path: string): Promise<boolean> {
    return (await unlessMissing(() => lstat(join(this.#root, path)))) !== undefined;
  }
}

async function unlessMissing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && NOT_READABLE.includes(String(thrown.code)))
      return undefined;
    throw thrown;
  }
}
