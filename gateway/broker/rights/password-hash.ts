// Passwords as mosquitto_passwd keeps them: `$argon2id$…` (2.1, where it is built in), `$7$iterations$salt$hash` (PBKDF2-SHA512) and the
// older `$6$salt$hash` (SHA-512 of password and salt); salt and hash in base64 (libcommon/password_common.c of Mosquitto 2.1).
import { createHash, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { argon2id, hasArgon2, type Argon2Cost } from './argon2.js';

const derive = promisify(pbkdf2);

const HASH_BYTES = 64;
/** Mosquitto 2.0 takes no other length; 2.1 makes salts of 64. */
const SALT_BYTES = 12;
const MOST_SALT_BYTES = 64;
/** Mosquitto reads any count, and counts while nobody else is served: some milliseconds, not a second. */
const NEW_HASH_ITERATIONS = 10_000;
/** A second and more for each login, several on a Raspberry Pi: whoever wants more has mistyped it. */
const MOST_ITERATIONS = 1_000_000;
/** Memory times passes: the second choice of RFC 9106 is 192 MiB, Mosquitto's own 46. Two are checked at once. */
const MOST_ARGON2_KIB = 256 * 1024;
const MOST_LANES = 16;
/** RFC 9106, section 3.1; the hash is as long as its maker wanted it. */
const ARGON2_SALT_BYTES = 8;
const ARGON2_HASH_BYTES = 16;
const ARGON2ID =
  /^\$argon2id\$v=(\d{1,9})\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,10})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

type Kind =
  | { readonly kind: 'sha512' }
  | { readonly kind: 'pbkdf2'; readonly iterations: number }
  | ({ readonly kind: 'argon2id' } & Argon2Cost);

export type PasswordHash = Kind & { readonly salt: Buffer; readonly hash: Buffer };

/** In words for the log and for `check`, with what to do; nothing of the line itself, which may be a password. */
export interface Unusable {
  readonly why: string;
}

const NEW_ONE = 'set the password anew with the command passwd, or with mosquitto_passwd';
const NO_HASH: Unusable = { why: `has no hash of mosquitto_passwd behind its colon; ${NEW_ONE}` };
const CUT: Unusable = { why: `has a hash that is cut off or changed; ${NEW_ONE}` };

export function parseHash(text: string): PasswordHash | Unusable {
  if (text.startsWith('$argon2')) return parseArgon2(text);
  const parts = text.split('$').filter((part) => part !== '');
  if (parts[0] === '6') return withSaltAndHash({ kind: 'sha512' }, parts.slice(1));
  if (parts[0] !== '7' || parts.length < 2) return NO_HASH;
  const iterations = Number.parseInt(parts[1] ?? '', 10);
  if (!(iterations >= 1)) return CUT;
  if (iterations > MOST_ITERATIONS)
    return { why: `asks for more than ${String(MOST_ITERATIONS)} iterations for each login; ${NEW_ONE}` };
  return withSaltAndHash({ kind: 'pbkdf2', iterations }, parts.slice(2));
}

function withSaltAndHash(kind: Kind, parts: readonly string[]): PasswordHash | Unusable {
  const [salt, hash] = parts.map(decodeBase64);
  if (salt === undefined || salt.length < SALT_BYTES || salt.length > MOST_SALT_BYTES) return CUT;
  if (hash?.length !== HASH_BYTES) return CUT;
  return { ...kind, salt, hash };
}

function parseArgon2(text: string): PasswordHash | Unusable {
  if (!hasArgon2())
    return {
      why: `has an Argon2 hash, which this Node (${process.version}) cannot check, from 24.7 on it can; set the password anew with the command passwd, or with mosquitto_passwd -H sha512-pbkdf2`,
    };
  const [, version, memory, passes, lanes, salt64 = '', hash64 = ''] = ARGON2ID.exec(text) ?? [];
  if (version !== '19') return CUT;
  const cost = { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  const [salt, hash] = [salt64, hash64].map(decodeUnpadded);
  if (salt === undefined || salt.length < ARGON2_SALT_BYTES || salt.length > MOST_SALT_BYTES) return CUT;
  if (hash === undefined || hash.length < ARGON2_HASH_BYTES || hash.length > HASH_BYTES) return CUT;
  if (!(cost.lanes >= 1 && cost.passes >= 1 && cost.memoryKib >= 8 * cost.lanes)) return CUT;
  if (cost.memoryKib * cost.passes > MOST_ARGON2_KIB || cost.lanes > MOST_LANES)
    return {
      why: `asks for more work than a login may cost: m times t at most ${String(MOST_ARGON2_KIB)}, p at most ${String(MOST_LANES)}; ${NEW_ONE}`,
    };
  return { kind: 'argon2id', ...cost, salt, hash };
}

/** Takes as long for a wrong password as for the right one. */
export async function isPassword(expected: PasswordHash, password: Buffer): Promise<boolean> {
  const { salt, hash } = expected;
  return timingSafeEqual(await digest(expected, salt, password, hash.length), hash);
}

/** Whether the same password opens both, as far as can be told. */
export function isSameHash(one: PasswordHash, other: PasswordHash): boolean {
  return one.hash.equals(other.hash) && one.salt.equals(other.salt) && cost(one) === cost(other);
}

/** `$7$10000$…$…` with a salt of its own. */
export async function makeHash(password: Buffer): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await digest({ kind: 'pbkdf2', iterations: NEW_HASH_ITERATIONS }, salt, password, HASH_BYTES);
  return `$7$${String(NEW_HASH_ITERATIONS)}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** Nobody's, as hard as `like`: compared with where the user is unknown, so that the time does not tell who is known. */
export function hashOfNobody(like: PasswordHash | undefined): PasswordHash {
  const kind = like ?? { kind: 'pbkdf2' as const, iterations: NEW_HASH_ITERATIONS };
  return { ...kind, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
}

async function digest(kind: Kind, salt: Buffer, password: Buffer, bytes: number): Promise<Buffer> {
  if (kind.kind === 'sha512') return createHash('sha512').update(password).update(salt).digest();
  if (kind.kind === 'pbkdf2') return derive(password, salt, kind.iterations, bytes, 'sha512');
  return argon2id(password, salt, kind, bytes);
}

function cost(hash: Kind): string {
  if (hash.kind === 'sha512') return hash.kind;
  if (hash.kind === 'pbkdf2') return `${hash.kind} ${String(hash.iterations)}`;
  return `${hash.kind} ${String(hash.memoryKib)} ${String(hash.passes)} ${String(hash.lanes)}`;
}

function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** As Argon2 writes it: without the signs that fill it up. */
function decodeUnpadded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text ? bytes : undefined;
}
