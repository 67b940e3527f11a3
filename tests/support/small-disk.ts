// A disk that is really small and really gets full: a tmpfs, where this user may mount one.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A folder on a disk of so many MB, unmounted after the test; or why there is none. */
export async function smallDisk(
  t: TestContext,
  megabytes: number,
): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'i2c-mqtt-gateway-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'none', folder]);
  } catch (thrown) {
    await rm(folder, { recursive: true });
    return {
      missing: `NOT TESTED on a full disk: no tmpfs can be mounted here (${String(thrown).split('\n')[0] ?? ''})`,
    };
  }
  t.after(async () => {
    await run('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true });
  });
  return { folder };
}
