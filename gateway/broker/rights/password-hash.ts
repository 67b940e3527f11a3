// Passwords as mosquitto_passwd keeps them: `$7$iterations$salt$hash` (PBKDF2-SHA512) and the older `$6$salt$hash`
// (SHA-512 of password and salt); salt and hash in base64 (password_mosq.c of Mosquitto 2.0).
import { createHash, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

const HASH_BYTES = 64;
/** Mosquitto 2.0 takes no other length; 2.1 makes salts of 64. */
const SALT_BYTES = 12;
const MOST_SALT_BYTES = 64;
/** Mosquitto reads any count, and counts while nobody else is served: some milliseconds, not a second. */
const NEW_HASH_ITERATIONS = 10_000;
const MOST_ITERATIONS = 10_000_000;

export interface PasswordHash {
  /** Undefined: `$6$`, one round of SHA-512. */
  readonly iterations: number | undefined;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Undefined where Mosquitto would remove the entry. */
export function parseHash(text: string): PasswordHash | undefined {
  const parts = text.split('$').filter((part) => part !== '');
  const iterations = parts[0] === '7' ? Number.parseInt(parts[1] ?? '', 10) : undefined;
  if (parts[0] !== '6' && !(iterations !== undefined && iterations >= 1 && iterations <= MOST_ITERATIONS))
    return undefined;
  const [salt, hash] = parts.slice(iterations === undefined ? 1 : 2).map(decodeBase64);
  if (salt === undefined || salt.length < SALT_BYTES || salt.length > MOST_SALT_BYTES) return undefined;
  if (hash?.length !== HASH_BYTES) return undefined;
  return { iterations, salt, hash };
}

/** Takes as long for a wrong password as for the right one. */
export async function isPassword(expected: PasswordHash, password: Buffer): Promise<boolean> {
  return timingSafeEqual(await digest(expected, password), expected.hash);
}

/** `$7$10000$…$…` with a salt of its own. */
export async function makeHash(password: Buffer): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await digest({ iterations: NEW_HASH_ITERATIONS, salt }, password);
  return `$7$${String(NEW_HASH_ITERATIONS)}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** Nobody's, as hard as `like`: compared with where the user is unknown, so that the time does not tell who is known. */
export function hashOfNobody(like: PasswordHash | undefined): PasswordHash {
  const iterations = like === undefined ? NEW_HASH_ITERATIONS : like.iterations;
  return { iterations, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
}

async function digest(
  { iterations, salt }: Pick<PasswordHash, 'iterations' | 'salt'>,
  password: Buffer,
): Promise<Buffer> {
  if (iterations === undefined) return createHash('sha512').update(password).update(salt).digest();
  return derive(password, salt, iterations, HASH_BYTES, 'sha512');
}

function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
