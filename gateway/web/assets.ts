// The files of the page as they were built, read once: a request never touches the disk, and no path of a request becomes a
// file name.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { GatewayError } from '../../shared/errors.js';

export interface Asset {
  readonly type: string;
  /** As every browser takes it. */
  readonly gzip: Buffer;
  /** For whoever does not: unpacked once. */
  plain(): Buffer;
  readonly etag: string;
  /** Its name changes with what is in it. */
  readonly isForEver: boolean;
}

const FOLDER = new URL('../../page/', import.meta.url);
const PACKED = '.gz';
const START = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** By request path. Rejects with listen_failed where the page was not built, or is not whole. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const packed = (await named()).filter((file) => file.endsWith(PACKED));
  const assets = packed.map(async (file) => {
    const name = file.slice(0, -PACKED.length);
    return [name === START ? '/' : `/page/${name}`, await load(name, file)] as const;
  });
  return new Map(await Promise.all(assets));
}

async function named(): Promise<readonly string[]> {
  const files = await readdir(FOLDER).catch(cannotBeServed);
  return files.includes(`${START}${PACKED}`) ? files : cannotBeServed(new Error(`no ${START}`));
}

async function load(name: string, file: string): Promise<Asset> {
  const gzip = await readFile(new URL(file, FOLDER)).catch(cannotBeServed);
  const etag = `"${createHash('sha256').update(gzip).digest('base64url').slice(0, 22)}"`;
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  let unpacked: Buffer | undefined;
  const plain = (): Buffer => (unpacked ??= gunzipSync(gzip));
  return { type, gzip, plain, etag, isForEver: /-[\w-]{8}\.(js|css)$/.test(name) };
}

function cannotBeServed(cause: unknown): never {
  const folder = fileURLToPath(FOLDER);
  const message = `the page cannot be served: it is not in ${folder}. Install the package again, or run npm run build.`;
  throw new GatewayError('listen_failed', message, { cause });
}
