// Tokens for programs over HTTP (RFC 6750), in place of a name and a password: made once, kept as a digest, taken back one by
// one. A token is its user's as long as the password that he had then: with a new one, or without the user, it is nobody's.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { PasswordHash } from './password-hash.js';

/** So that a scanner for secrets, and a person, know what they see. */
const PREFIX = 'igw';
const ID_BYTES = 4;
/** Nobody guesses it, so its digest needs no slow hash. */
const SECRET_BYTES = 32;
const TOKEN = /^igw_([0-9a-f]{8})_([A-Za-z0-9_-]{43})$/;
/** Others' tokens pass a gateway too, of a proxy before it: they are no login here. */
const HEADER = /^Bearer +(igw_[A-Za-z0-9_-]{1,80}) *$/i;

export interface KnownToken {
  /** Public: by it the token is taken back, and named in the log. */
  readonly id: string;
  readonly user: string;
  readonly digest: Buffer;
  /** Day on which it was made, `2026-11-28`. */
  readonly made: string;
}

/** Of an `Authorization` header; undefined where there is none, or another's. */
export function bearerToken(header: string | undefined): string | undefined {
  return HEADER.exec(header ?? '')?.[1];
}

/** What may be said of a token in a log. */
export function nameOfToken(token: string): string {
  return `token ${TOKEN.exec(token)?.[1] ?? 'of another form'}`;
}

/** `token` is shown once; `known` is kept. */
export function makeToken(
  user: string,
  password: PasswordHash,
  made: string,
): { readonly token: string; readonly known: KnownToken } {
  const [id, secret] = [
    randomBytes(ID_BYTES).toString('hex'),
    randomBytes(SECRET_BYTES).toString('base64url'),
  ];
  const known = { id, user, digest: digestOf(secret, user, password), made };
  return { token: `${PREFIX}_${id}_${secret}`, known };
}

export class TokenCheck {
  readonly #tokens: ReadonlyMap<string, KnownToken>;
  readonly #users: ReadonlyMap<string, PasswordHash>;

  constructor(tokens: readonly KnownToken[], users: ReadonlyMap<string, PasswordHash>) {
    this.#tokens = new Map(tokens.map((token) => [token.id, token]));
    this.#users = users;
  }

  /** Undefined: nobody's. */
  userOf(token: string): string | undefined {
    const [, id = '', secret = ''] = TOKEN.exec(token) ?? [];
    const known = this.#tokens.get(id);
    const password = known && this.#users.get(known.user);
    if (known === undefined || password === undefined) return undefined;
    const given = digestOf(secret, known.user, password);
    return given.length === known.digest.length && timingSafeEqual(given, known.digest)
      ? known.user
      : undefined;
  }
}

function digestOf(secret: string, user: string, { salt, hash }: PasswordHash): Buffer {
  return createHmac('sha256', secret).update(`${user}\0`).update(salt).update(hash).digest();
}
