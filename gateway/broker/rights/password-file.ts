// Mosquitto's password_file: a line `user:hash` each, read as Mosquitto 2.0 reads it.
import { parseHash, type PasswordHash } from './password-hash.js';

export interface PasswordFile {
  readonly users: ReadonlyMap<string, PasswordHash>;
  /** Lines that let nobody in; the others do all the same. */
  readonly badLines: readonly BadLine[];
}

export interface BadLine {
  readonly line: number;
  /** What is wrong with it and what to do; nothing of what stands in it, which may be a password. */
  readonly why: string;
}

const MOST_TOLD = 10;
const NO_COLON = 'has no colon: a line is a user, a colon and a hash, which the command passwd writes';
const NO_USER = 'has no user ahead of its hash; the command passwd writes such lines';

/** A line without a colon is passed over, as Mosquitto does, and told; of two lines of one user the last counts. */
export function parsePasswords(text: string): PasswordFile {
  const users = new Map<string, PasswordHash>();
  const badLines: BadLine[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const entry = parseLine(line);
    if ('why' in entry) badLines.push({ line: index + 1, why: entry.why });
    else users.set(entry.user, entry.hash);
  }
  return { users, badLines };
}

function parseLine(line: string): { user: string; hash: PasswordHash } | { why: string } {
  if (!line.includes(':')) return { why: NO_COLON };
  const [user, text = ''] = line
    .split(':')
    .filter((part) => part !== '')
    .map((part) => part.trim());
  if (user === undefined || user === '' || line.startsWith(':$')) return { why: NO_USER };
  const hash = parseHash(text);
  return 'why' in hash ? hash : { user, hash };
}

/** For people: the first lines, and how many more there are. */
export function badLineWords(file: string, badLines: readonly BadLine[]): string[] {
  const words = badLines.slice(0, MOST_TOLD).map(({ line, why }) => `line ${String(line)} of ${file} ${why}`);
  const more = badLines.length - words.length;
  return more === 0 ? words : [...words, `${String(more)} more lines of ${file} let nobody in`];
}

/** The file's text with the user's line replaced, added, or (without a hash) taken out. */
export function withPassword(text: string, user: string, hash: string | undefined): string {
  const others = text.split('\n').filter((line) => userOf(line) !== user);
  while (others.at(-1) === '') others.pop();
  if (hash !== undefined) others.push(`${user}:${hash}`);
  return others.length === 0 ? '' : `${others.join('\n')}\n`;
}

/** Whether a line names the user, with a hash or without. */
export function hasUser(text: string, user: string): boolean {
  return text.split('\n').some((line) => userOf(line) === user);
}

function userOf(line: string): string | undefined {
  return line.startsWith('#') || !line.includes(':') ? undefined : line.split(':', 1)[0]?.trim();
}
