// A disk that is full whenever a test wants it, for one process and without any rights.
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { packageRoot } from '../../gateway/process/paths.js';
import { temporaryFolder } from './temporary-folder.js';

export interface FullDisk {
  /** For the process whose disk it is. */
  readonly env: Readonly<Record<string, string>>;
  fill(): Promise<void>;
  free(): Promise<void>;
}

export const NO_FULL_DISK =
  'A FULL DISK WAS NOT TESTED: it needs Linux and a C compiler (apt-get install gcc)';

/** Undefined, after saying so loudly, where it can't be made. */
export async function fullDisk(t: Pick<TestContext, 'after'>): Promise<FullDisk | undefined> {
  const folder = await temporaryFolder(t);
  const library = join(folder, 'full-disk.so');
  const flag = join(folder, 'full');
  try {
    if (process.platform !== 'linux') throw new Error(process.platform);
    const source = join(packageRoot, 'tests', 'support', 'full-disk.c');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { stdio: 'pipe' });
  } catch (thrown) {
    console.error(`\n!!! ${NO_FULL_DISK}: ${String(thrown)}\n`);
    return undefined;
  }
  return {
    env: { LD_PRELOAD: library, DISK_FULL_FLAG: flag },
    fill: () => writeFile(flag, ''),
    free: () => rm(flag, { force: true }),
  };
}
