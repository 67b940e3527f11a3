// `passwd`: sets a user's password, as mosquitto_passwd does.
import { makeHash } from '../broker/rights/password-hash.js';
import { withPassword } from '../broker/rights/password-file.js';
import { askPassword } from './ask-password.js';
import { changeFile, checkName, usersFiles } from './users-files.js';

export interface PasswdOptions {
  readonly config?: string;
  readonly delete?: boolean;
}

export async function passwd(user: string, options: PasswdOptions): Promise<void> {
  checkName(user);
  const { passwordFile } = await usersFiles(options.config);
  const hash = options.delete === true ? undefined : await makeHash(await askPassword(user));
  await changeFile(passwordFile, (text) => withPassword(text, user, hash));
  console.log(`${passwordFile}: ${user} ${hash === undefined ? 'is taken out' : 'has a new password'}`);
}
