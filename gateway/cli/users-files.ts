// The files that `passwd` and `user` change: which they are, and how they are replaced as a whole.
import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { GatewayConfig } from '../../shared/config/config.js';
import { GatewayError } from '../../shared/errors.js';
import { loadConfig } from '../config/load.js';
import { exampleConfig } from '../paths.js';

/** Of the user alone: there are hashes in it. */
const NEW_FILE_MODE = 0o600;

export interface UsersFiles {
  readonly config: GatewayConfig;
  readonly passwordFile: string;
  readonly aclFile: string | undefined;
}

/** As the configuration says; rejects with config_invalid where it names no users. */
export async function usersFiles(configFile: string | undefined): Promise<UsersFiles> {
  const file = configFile ?? exampleConfig;
  const config = await loadConfig(file);
  const { users } = config;
  if (users === undefined) {
    const what =
      configFile === undefined ? 'Name your configuration with --config; it' : `The configuration ${file}`;
    throw new GatewayError(
      'config_invalid',
      `${what} needs "users: { password_file: passwords, acl_file: acl }".`,
    );
  }
  const { passwordFile, aclFile } = users;
  const at = (name: string): string => resolve(dirname(file), name);
  return { config, passwordFile: at(passwordFile), aclFile: aclFile === undefined ? undefined : at(aclFile) };
}

/** A name that means the same in both files, and cannot widen a pattern. Throws bad_argument. */
export function checkName(user: string): void {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/^[^\s:+#$\u0000-\u001f][^:+#\u0000-\u001f]{0,63}$/.test(user) && user === user.trim()) return;
  throw new GatewayError(
    'bad_argument',
    'A user name has 1 to 64 characters, without : + # and spaces around it.',
  );
}

/** Changes a file as a whole: whoever reads meanwhile has the old text or the new one. A missing file is empty. */
export async function changeFile(file: string, change: (text: string) => string): Promise<void> {
  const partial = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    const before = await readExisting(file);
    await writeFile(partial, change(before.text), { mode: before.mode, flag: 'wx' });
    await chmod(partial, before.mode);
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('config_unreadable', `${file} cannot be changed: ${why}.`, { cause });
  }
}

async function readExisting(file: string): Promise<{ readonly text: string; readonly mode: number }> {
  try {
    return { text: await readFile(file, 'utf8'), mode: (await stat(file)).mode & 0o777 };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { text: '', mode: NEW_FILE_MODE };
    throw error;
  }
}
