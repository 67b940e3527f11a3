// `token`: makes a token by which a program is let in over HTTP as this user, lists the user's tokens, and takes them back.
import { stdout } from 'node:process';
import { GatewayError } from '../../../shared/errors.js';
import { withoutTokens, withToken } from '../../broker/rights/token-file.js';
import { makeToken } from '../../broker/rights/tokens.js';
import { readPasswords, readTokens } from '../../broker/rights/users-files.js';
import { printAnswer } from '../print/answer.js';
import { table } from '../print/columns.js';
import { lookOf } from '../print/paint.js';
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
  if (options.delete !== undefined) return takeBack(tokenFile, user, options.delete, options.json);
  if (options.list === true) return list(tokenFile, user, options.json);
  const password = (await readPasswords(passwordFile)).users.get(user);
  if (password === undefined)
    throw new GatewayError(
      'bad_argument',
      `Nobody is called ${user} in ${passwordFile}: the command passwd makes users.`,
    );
  const made = makeToken(user, password, new Date().toISOString().slice(0, 10));
  await changeFile(tokenFile, (text = '') => withToken(text, made.known));
  const { id } = made.known;
  // Alone on standard output, to be piped to where it is kept.
  printAnswer(options.json, { user, id, token: made.token, file: tokenFile }, () => [made.token]);
  if (options.json !== true)
    console.error(`${tokenFile}: ${user} has the token ${id}; it is not shown again`);
}

async function takeBack(tokenFile: string, user: string, id: string, json?: boolean): Promise<void> {
  if (!(await tokensTakenOut(tokenFile, user, id)))
    throw new GatewayError('bad_argument', `${user} has no token ${id.slice(0, 64)}; nothing was changed.`);
  const document = { user, id, file: tokenFile, done: 'taken back' };
  printAnswer(json, document, () => [`${tokenFile}: the token ${id} of ${user} is taken back`]);
}

async function list(tokenFile: string, user: string, json?: boolean): Promise<void> {
  const { tokens } = await readTokens(tokenFile);
  const own = tokens.filter((one) => one.user === user).map(({ id, made }) => ({ id, made }));
  printAnswer(json, own, () =>
    own.length === 0 ? [] : table([['id', 'made'], ...own.map(({ id, made }) => [id, made])], lookOf(stdout)),
  );
  if (own.length === 0) console.error(`${user} has no token in ${tokenFile}.`);
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
