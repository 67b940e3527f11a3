// Checks passwords, a few at a time: each check keeps a core busy for milliseconds, and anybody may ask for one.
import { createHmac, randomBytes } from 'node:crypto';
import PQueue from 'p-queue';
import { hashOfNobody, isPassword, isSameHash, type PasswordHash } from './password-hash.js';

const AT_ONCE = 2;
const MOST_WAITING = 200;
/** HTTP asks anew with every request: what was right a moment ago is known by its keyed digest. */
const MOST_REMEMBERED = 200;

export type PasswordVerdict = 'right' | 'wrong' | 'too_busy';

export class PasswordCheck {
  readonly #queue = new PQueue({ concurrency: AT_ONCE });
  readonly #key = randomBytes(32);
  readonly #right = new Set<string>();
  readonly #users: ReadonlyMap<string, PasswordHash>;
  readonly #nobody: PasswordHash;

  constructor(users: ReadonlyMap<string, PasswordHash>) {
    this.#users = users;
    const [first] = users.values();
    this.#nobody = hashOfNobody(first);
  }

  /** Whether it is the same entry as in another version of the file. */
  isUnchanged(user: string, before: PasswordCheck): boolean {
    const mine = this.#users.get(user);
    const theirs = before.#users.get(user);
    return mine !== undefined && theirs !== undefined && isSameHash(mine, theirs);
  }

  async check(user: string, password: Buffer): Promise<PasswordVerdict> {
    const digest = createHmac('sha256', this.#key)
      .update(`${String(user.length)}:${user}`)
      .update(password)
      .digest('base64');
    if (this.#right.has(digest)) return 'right';
    if (this.#queue.size >= MOST_WAITING) return 'too_busy';
    const known = this.#users.get(user);
    const right = await this.#queue.add(async () => isPassword(known ?? this.#nobody, password));
    if (!right || known === undefined) return 'wrong';
    this.#remember(digest);
    return 'right';
  }

  #remember(digest: string): void {
    this.#right.add(digest);
    const [oldest] = this.#right;
    if (this.#right.size > MOST_REMEMBERED && oldest !== undefined) this.#right.delete(oldest);
  }
}
