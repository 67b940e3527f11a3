// The files of the status page, read once: a request never touches the disk, and no path of a request becomes a file name.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { GatewayError } from '../../shared/errors.js';

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
}

// The page is not compiled; it stays in the source tree, three folders above dist/gateway/web.
const page = (file: string): URL => new URL(`../../../gateway/web/page/${file}`, import.meta.url);

const SCRIPT = 'text/javascript; charset=utf-8';

function sources(): readonly (readonly [path: string, type: string, file: URL])[] {
  return [
    ['/', 'text/html; charset=utf-8', page('index.html')],
    ['/page/style.css', 'text/css; charset=utf-8', page('style.css')],
    ['/page/main.js', SCRIPT, page('main.js')],
    ['/page/device-card.js', SCRIPT, page('device-card.js')],
    ['/page/exact-topics.js', SCRIPT, page('exact-topics.js')],
    ['/page/command-form.js', SCRIPT, page('command-form.js')],
    ['/page/format.js', SCRIPT, page('format.js')],
    ['/mqtt.min.js', SCRIPT, new URL(import.meta.resolve('mqtt/dist/mqtt.min'))],
  ];
}

/** By request path. Rejects with listen_failed when a file of the package is missing. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const entries = sources().map(async ([path, type, file]) => [path, await load(type, file)] as const);
  return new Map(await Promise.all(entries));
}

async function load(type: string, file: URL): Promise<Asset> {
  try {
    const body = await readFile(file);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    return { type, body, etag };
  } catch (cause) {
    const message = `the status page cannot be served: ${fileURLToPath(file)} is missing. Install the package again.`;
    throw new GatewayError('listen_failed', message, { cause });
  }
}
