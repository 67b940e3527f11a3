// `passwd`: sets a user's password, as mosquitto_passwd does.
import { GatewayError } from '../../../shared/errors.js';
import { makeHash } from '../../broker/rights/password-hash.js';
import { hasUser, withPassword } from '../../broker/rights/password-file.js';
import { printAnswer } from '../print/answer.js';
import { askPassword } from './ask-password.js';
import { changeFile } from './change-file.js';
import { checkName, usersFiles } from './files.js';

export interface PasswdOptions {
  readonly config?: string;
  readonly delete?: boolean;
  readonly json?: boolean;
}

export async function passwd(user: string, options: PasswdOptions): Promise<void> {
  checkName(user);
  const { passwordFile } = await usersFiles(options.config);
  const print = (done: string, words: string): void => {
    printAnswer(options.json, { user, file: passwordFile, done }, () => [
      `${passwordFile}: ${user} ${words}`,
    ]);
  };
  if (options.delete === true) {
    if (!(await takenOut(passwordFile, user)))
      throw new GatewayError(
        'bad_argument',
        `Nobody is called ${user} in ${passwordFile}; nothing was changed.`,
      );
    print('taken out', 'is taken out');
    return;
  }
  const hash = await makeHash(await askPassword(user));
  await changeFile(passwordFile, (text = '') => withPassword(text, user, hash));
  print('new password', 'has a new password');
}

/** Whether the user was in the file. */
export async function takenOut(passwordFile: string, user: string): Promise<boolean> {
  let wasThere = false;
  await changeFile(passwordFile, (text = '') => {
    wasThere = hasUser(text, user);
    return wasThere ? withPassword(text, user, undefined) : text;
  });
  return wasThere;
}
