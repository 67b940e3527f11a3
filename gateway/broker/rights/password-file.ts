// Mosquitto's password_file: a line `user:hash` each, read as Mosquitto 2.0 reads it.
import { parseHash, type PasswordHash } from './password-hash.js';

export interface PasswordFile {
  readonly users: ReadonlyMap<string, PasswordHash>;
  /** Lines that name a user without a hash anybody could log in with; such a user cannot come in. */
  readonly badLines: readonly number[];
}

/** A line without a colon is skipped, as Mosquitto does; of two lines of one user the last counts. */
export function parsePasswords(text: string): PasswordFile {
  const users = new Map<string, PasswordHash>();
  const badLines: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('#') || !line.includes(':')) continue;
    const [user, hash] = line
      .split(':')
      .filter((part) => part !== '')
      .map((part) => part.trim());
    const parsed = hash === undefined ? undefined : parseHash(hash);
    if (user === undefined || parsed === undefined) badLines.push(index + 1);
    else users.set(user, parsed);
  }
  return { users, badLines };
}

/** The file's text with the user's line replaced, added, or (without a hash) taken out. */
export function withPassword(text: string, user: string, hash: string | undefined): string {
  const others = text.split('\n').filter((line) => userOf(line) !== user);
  while (others.at(-1) === '') others.pop();
  if (hash !== undefined) others.push(`${user}:${hash}`);
  return others.length === 0 ? '' : `${others.join('\n')}\n`;
}

function userOf(line: string): string | undefined {
  return line.startsWith('#') || !line.includes(':') ? undefined : line.split(':', 1)[0]?.trim();
}
