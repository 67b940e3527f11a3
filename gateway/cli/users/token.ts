// `token`: makes a token by which a program is let in over HTTP as this user, lists the user's tokens, and takes them back.
import { GatewayError } from '../../../shared/errors.js';
import { withoutTokens, withToken } from '../../broker/rights/token-file.js';
import { makeToken } from '../../broker/rights/tokens.js';
import { readPasswords, readTokens } from '../../broker/rights/users-files.js';
import { changeFile } from './change-file.js';
import { checkName, usersFiles } from './files.js';

export interface TokenOptions {
  readonly config?: string;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly delete?: string;
}

export async function token(user: string, options: TokenOptions): Promise<void> {
  checkName(user);
  const { passwordFile, tokenFile } = await usersFiles(options.config);
  if (tokenFile === undefined)
    throw new GatewayError(
      'config_invalid',
      'Tokens need a file: set users.token_file, such as tokens, first.',
    );
  if (options.delete !== undefined) return takeBack(tokenFile, user, options.delete);
  if (options.list === true) return list(tokenFile, user, options.json);
  const password = (await readPasswords(passwordFile)).users.get(user);
  if (password === undefined)
    throw new GatewayError(
      'bad_argument',
      `Nobody is called ${user} in ${passwordFile}: the command passwd makes users.`,
    );
  const made = makeToken(user, password, new Date().toISOString().slice(0, 10));
  await changeFile(tokenFile, (text = '') => withToken(text, made.known));
  // Alone on standard output, to be piped to where it is kept.
  console.log(made.token);
  console.error(`${tokenFile}: ${user} has the token ${made.known.id}; it is not shown again`);
}

async function takeBack(tokenFile: string, user: string, id: string): Promise<void> {
  if (!(await tokensTakenOut(tokenFile, user, id)))
    throw new GatewayError('bad_argument', `${user} has no token ${id.slice(0, 64)}; nothing was changed.`);
  console.log(`${tokenFile}: the token ${id} of ${user} is taken back`);
}

async function list(tokenFile: string, user: string, json?: boolean): Promise<void> {
  const { tokens } = await readTokens(tokenFile);
  const own = tokens.filter((one) => one.user === user).map(({ id, made }) => ({ id, made }));
  if (json === true) console.log(JSON.stringify(own, null, 2));
  else for (const { id, made } of own) console.log(`${id}  made ${made}`);
}

/** All of a user, or that of this id: whether there were any. */
export async function tokensTakenOut(tokenFile: string, user: string, id?: string): Promise<boolean> {
  let wasThere = false;
  await changeFile(tokenFile, (text = '') => {
    const kept = withoutTokens(text, user, id);
    wasThere = kept !== text;
    return kept;
  });
  return wasThere;
}
