// Mosquitto's acl_file, read as Mosquitto 2.0 reads it: what it refuses is refused, what it takes means the same.
import { GatewayError } from '../../../shared/errors.js';
import { Acl, type AclRule } from './acl.js';
import type { User } from './rights.js';

/** mosquitto_internal.h: TOPIC_HIERARCHY_LIMIT. */
const MOST_SLASHES = 200;
const MOST_TOPIC_BYTES = 65_535;

const ACCESS: Readonly<Record<string, Pick<AclRule, 'read' | 'write'>>> = {
  read: { read: true, write: false },
  write: { read: false, write: true },
  readwrite: { read: true, write: true },
  deny: { read: false, write: false },
};

/** `file` is only named in messages. Throws config_invalid with the line of the first mistake. */
export function parseAcl(text: string, file: string): Acl {
  const users = new Map<User, AclRule[]>();
  const patterns: AclRule[] = [];
  let user: User;
  for (const [index, raw] of text.split('\n').entries()) {
    const fail = (why: string): never => {
      throw new GatewayError('config_invalid', `${file}:${String(index + 1)}: ${why}.`);
    };
    const line = parseLine(raw, fail);
    if (line === undefined) continue;
    if (line.kind === 'user') user = line.name;
    else if (line.kind === 'pattern') patterns.push(line.rule);
    else users.set(user, [...(users.get(user) ?? []), line.rule]);
  }
  return new Acl({ users, patterns });
}

type Line =
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'topic' | 'pattern'; readonly rule: AclRule };

/** Words are parted by spaces only, never by tabs; what begins with `#` in the first column is a comment. */
function parseLine(raw: string, fail: (why: string) => never): Line | undefined {
  const line = raw.replace(/[ \t\v\f\r]+$/, '');
  if (line.startsWith('#')) return undefined;
  const [word, rest] = firstWord(line);
  if (word === '') return undefined;
  if (word === 'user') {
    const name = trimBlanks(rest);
    return name === '' ? fail('user needs a name') : { kind: 'user', name };
  }
  if (word === 'topic' || word === 'pattern') return { kind: word, rule: parseRule(rest, fail) };
  return fail(`a line begins with topic, pattern, user or #, not with ${word.slice(0, 40)}`);
}

function parseRule(text: string, fail: (why: string) => never): AclRule {
  const [first, rest] = firstWord(text);
  if (first === '') fail('the topic is missing');
  const filter = rest === '' ? first : trimBlanks(rest);
  const access = rest === '' ? ACCESS['readwrite'] : Object.hasOwn(ACCESS, first) && ACCESS[first];
  if (!access) return fail(`${first.slice(0, 40)} is not one of read, write, readwrite, deny`);
  if (!isFilter(filter)) fail(`${filter.slice(0, 100)} is not a topic filter`);
  return { filter, ...access };
}

/** As strtok(3) does it with a space: leading ones are skipped, one behind the word is eaten. */
function firstWord(text: string): [word: string, rest: string] {
  const from = text.replace(/^ +/, '');
  const end = from.indexOf(' ');
  return end < 0 ? [from, ''] : [from.slice(0, end), from.slice(end + 1)];
}

function trimBlanks(text: string): string {
  return text.replace(/^[ \t\v\f\r]+|[ \t\v\f\r]+$/g, '');
}

function isFilter(filter: string): boolean {
  const levels = filter.split('/');
  if (levels.length - 1 > MOST_SLASHES || Buffer.byteLength(filter) > MOST_TOPIC_BYTES) return false;
  return levels.every((level, index) => {
    if (level === '+') return true;
    if (level === '#') return index === levels.length - 1;
    return !/[+#]/.test(level);
  });
}
