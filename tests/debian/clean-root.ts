// A copy of a clean Debian that tests/debian/prepare has made, in which a test may do what it likes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import type { TestContext } from 'node:test';
import { packageRoot } from '../../gateway/process/paths.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Of Debian, of this machine's processor; or a Debian 13 of another one, which is unpacked alone. */
export type Suite = 'trixie' | 'bookworm' | 'arm64' | 'armhf';

const FOLDER = join(packageRoot, 'tests', 'debian');
const MOST_OUTPUT_BYTES = 8 * 1024 * 1024;

/** Where `prepare` put it. */
export function preparedRoot(suite: Suite): string {
  return join(env['DEBIAN_ROOTS'] ?? join(homedir(), '.cache', 'i2c-mqtt-gateway', 'debian'), suite);
}

/** Why it can't be tried here; false where it can. */
export function withoutRoot(suite: Suite): string | false {
  return existsSync(`${preparedRoot(suite)}.is-ready`)
    ? false
    : `NO CLEAN DEBIAN (${suite}) HERE: tests/debian/prepare ${suite}`;
}

export interface Outcome {
  readonly code: number;
  /** Of both streams. */
  readonly output: string;
}

export class CleanRoot {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async copy(t: TestContext, suite: Suite): Promise<CleanRoot> {
    const folder = join(await temporaryFolder(t), suite);
    await run('cp', ['-a', '--reflink=auto', preparedRoot(suite), folder]);
    return new CleanRoot(folder);
  }

  /** In it, by a shell, as root. */
  sh(command: string): Promise<Outcome> {
    return run(join(FOLDER, 'inside'), [this.folder, 'sh', '-c', `exec 2>&1; ${command}`]);
  }
}

/** What a command said that must succeed. */
export function fine({ code, output }: Outcome): string {
  assert.equal(code, 0, output);
  return output;
}

/** Never rejects. */
export function run(program: string, words: readonly string[], cwd = packageRoot): Promise<Outcome> {
  return new Promise((resolve) => {
    const environment = { ...env, AS_BUILT: '1' };
    execFile(
      program,
      words,
      { cwd, env: environment, maxBuffer: MOST_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, output: `${stdout}${stderr}` });
      },
    );
  });
}
