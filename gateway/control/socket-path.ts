// Where the control socket lies, and how it is reached where that path is too long for a socket's address.
//
// The kernel takes some hundred bytes (sun_path in unix(7): 108 on Linux, 104 on macOS and BSD), and what is longer is cut
// off without a word: two gateways would have one socket. A link with a short name leads to the same place.
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GatewayError } from '../../shared/errors.js';

const SOCKET_FILE = 'control.sock';
/** With the NUL behind it 104. */
const MOST_BYTES = 103;

export function controlSocketPath(dataDir: string): string {
  return join(dataDir, SOCKET_FILE);
}

/** Gives `use` a path to the socket that an address can hold, for as long as it takes. Rejects with unsupported. */
export async function atControlSocket<T>(dataDir: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = controlSocketPath(dataDir);
  if (Buffer.byteLength(path) <= MOST_BYTES) return use(path);
  const folder = await mkdtemp(join(tmpdir(), 'i2c-'));
  try {
    const link = join(folder, 'data');
    await symlink(resolve(dataDir), link);
    const short = join(link, SOCKET_FILE);
    if (Buffer.byteLength(short) <= MOST_BYTES) return await use(short);
    throw new GatewayError(
      'unsupported',
      `The path ${path} is too long for a socket, and so is ${short}: give a shorter --data, or a shorter TMPDIR.`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
