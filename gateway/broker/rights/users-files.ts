// Reads the files of users and rights: at the start, when they change, and when a configuration is only checked.
import { readFile } from 'node:fs/promises';
import { GatewayError } from '../../../shared/errors.js';
import type { Acl } from './acl.js';
import { parseAcl } from './acl-file.js';
import { parsePasswords, type PasswordFile } from './password-file.js';
import { parseTokens, type TokenFile } from './token-file.js';
import { whyOf } from '../../process/why.js';

/** More than a thousand users need; a larger file is a mistake. */
const MOST_FILE_BYTES = 4 * 1024 * 1024;

/** Rejects with config_unreadable. */
export async function readPasswords(file: string): Promise<PasswordFile> {
  return parsePasswords(await textOf(file, 'password_file'));
}

/** Rejects with config_unreadable, or config_invalid with the line of the first mistake. */
export async function readRights(file: string): Promise<Acl> {
  return parseAcl(await textOf(file, 'acl_file'), file);
}

/** Rejects with config_unreadable. */
export async function readTokens(file: string): Promise<TokenFile> {
  return parseTokens(await textOf(file, 'token_file'));
}

async function textOf(file: string, what: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const why = whyOf(cause);
    throw new GatewayError('config_unreadable', `The ${what} ${file} cannot be read: ${why}.`, { cause });
  }
  if (text.length <= MOST_FILE_BYTES) return text;
  throw new GatewayError('config_unreadable', `The ${what} ${file} is over 4 MB; is it the right file?`);
}
