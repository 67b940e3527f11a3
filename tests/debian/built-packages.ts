// The package for Debian of this machine's processor, as packaging/deb/build makes it, and the same as a newer version.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './clean-root.js';

export interface BuiltPackages {
  /** Paths of the files. */
  readonly first: string;
  readonly newer: string;
  remove(): Promise<void>;
}

/** About 20 s; minutes where the native modules are not compiled in this repository. */
export async function buildPackages(): Promise<BuiltPackages> {
  const folder = await mkdtemp(join(tmpdir(), 'i2c-mqtt-gateway-deb-'));
  const made = await run(join('packaging', 'deb', 'build'), ['amd64', folder]);
  assert.equal(made.code, 0, made.output);
  const first = join(folder, (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? '');
  const newer = join(folder, 'newer.deb');
  const script =
    'dpkg-deb -R "$0" "$1" && sed -i "s/^Version: .*/&.1/" "$1/DEBIAN/control" && dpkg-deb -Znone -b "$1" "$2"';
  const again = await run('sh', ['-euc', script, first, join(folder, 'unpacked'), newer]);
  assert.equal(again.code, 0, again.output);
  return { first, newer, remove: () => rm(folder, { recursive: true }) };
}
