// The files that `passwd` and `user` change: which they are, and which names may stand in them.
import { dirname, resolve } from 'node:path';
import type { GatewayConfig } from '../../../shared/config/config.js';
import { GatewayError } from '../../../shared/errors.js';
import { loadConfig } from '../../config/load.js';
import { exampleConfig } from '../../process/paths.js';

export interface UsersFiles {
  readonly config: GatewayConfig;
  readonly passwordFile: string;
  readonly aclFile: string | undefined;
  readonly tokenFile: string | undefined;
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
  const { passwordFile, aclFile, tokenFile } = users;
  const at = (name: string): string => resolve(dirname(file), name);
  const maybe = (name: string | undefined): string | undefined => (name === undefined ? undefined : at(name));
  return { config, passwordFile: at(passwordFile), aclFile: maybe(aclFile), tokenFile: maybe(tokenFile) };
}

/** A name that means the same in both files, and cannot widen a pattern. Throws bad_argument. */
export function checkName(user: string): void {
  const isName = /^[^\s:+#$][^:+#]{0,63}$/.test(user) && !/\p{Cc}/u.test(user);
  if (isName && user === user.trim()) return;
  throw new GatewayError(
    'bad_argument',
    'A user name has 1 to 64 characters, without : + # and spaces around it.',
  );
}
