// Who gets in, and with which rights: Mosquitto's password and ACL files, read at the start, again when they change and
// when asked to (SIGHUP). One for MQTT, HTTP and WebSocket alike.
import { unwatchFile, watchFile } from 'node:fs';
import { asGatewayError } from '../../../shared/errors.js';
import type { Clock, Component, Log } from '../../../shared/ports.js';
import { FailedLogins, type FailingAddress } from './failed-logins.js';
import { PasswordCheck } from './password-check.js';
import { EVERY_RIGHT, type Rights, type User } from './rights.js';
import { readPasswords, readRights } from './users-files.js';

/** Polled: editors and tools replace files, and a watch on the old one would see nothing more. */
const LOOK_EVERY_MS = 1000;
/** The health topic is said every ten seconds: enough to see who it is. */
const MOST_ADDRESSES_TOLD = 10;

export interface DoorkeeperOptions {
  /** Without it everybody who reaches the port is let in, which is therefore loopback only. */
  readonly passwordFile?: string;
  /** Without it everybody who is let in may do everything. */
  readonly aclFile?: string;
  /** Whether clients without a name are let in beside users. */
  readonly anonymous: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Login {
  readonly user: User;
  readonly password: Buffer | undefined;
  /** Of a certificate that was checked: no password is asked for. */
  readonly certificateUser?: string | undefined;
  readonly address: string;
}

export type Admission =
  | { readonly ok: true; readonly user: User }
  /** In words for the log; the client is told nothing but that it is not let in. */
  | { readonly ok: false; readonly why: string };

/** For the health topic. */
export interface LoginNumbers {
  /** With a wrong user or password, by MQTT and HTTP. */
  readonly failed: number;
  /** Refused without a look at the password: too many were waiting. */
  readonly unheard: number;
  /** How many addresses have failures that are remembered. */
  readonly failingAddresses: number;
  /** Those with most failures. */
  readonly addresses: Readonly<Record<string, FailingAddress>>;
}

/** What is in force: both files of one moment. */
interface Files {
  readonly passwords: PasswordCheck | undefined;
  readonly rights: Rights;
}

export class Doorkeeper implements Component {
  readonly name = 'users';
  readonly #options: DoorkeeperOptions;
  readonly #failed: FailedLogins;
  readonly #listeners = new Set<(isStillWelcome: (user: User) => boolean) => void>();
  #files: Files = { passwords: undefined, rights: EVERY_RIGHT };
  #reloading: Promise<void> = Promise.resolve();
  #unheard = 0;

  constructor(options: DoorkeeperOptions) {
    this.#options = options;
    this.#failed = new FailedLogins(options.clock);
  }

  /** Whether nobody gets in without a user. */
  get isGuarded(): boolean {
    return this.#options.passwordFile !== undefined && !this.#options.anonymous;
  }

  get rights(): Rights {
    return this.#files.rights;
  }

  logins(): LoginNumbers {
    const worst = this.#failed.worst();
    return {
      failed: this.#failed.total,
      unheard: this.#unheard,
      failingAddresses: worst.length,
      addresses: Object.fromEntries(worst.slice(0, MOST_ADDRESSES_TOLD)),
    };
  }

  /** Told after each change of the files; asks who of those who are in may stay. Returns how to stop that. */
  onChange(listener: (isStillWelcome: (user: User) => boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects with config_unreadable or config_invalid. */
  async start(): Promise<void> {
    this.#files = await this.#read();
    for (const listener of this.#listeners) listener(() => true);
    for (const file of this.#paths()) {
      watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, this.#onFileChange);
    }
  }

  async stop(): Promise<void> {
    for (const file of this.#paths()) unwatchFile(file, this.#onFileChange);
    await this.#reloading;
  }

  /** Reads the files again. What cannot be read or has a mistake changes nothing, and the log says so. */
  async reload(): Promise<void> {
    this.#reloading = this.#reloading.then(async () => this.#reload());
    return this.#reloading;
  }

  async admit(login: Login): Promise<Admission> {
    const { passwords } = this.#files;
    if (login.certificateUser !== undefined) return { ok: true, user: login.certificateUser };
    // Nobody checks a name here: it gives no rights, and takes none.
    if (passwords === undefined) return { ok: true, user: undefined };
    if (login.user === undefined) {
      return this.#options.anonymous
        ? { ok: true, user: undefined }
        : { ok: false, why: 'it gave no user name' };
    }
    const waitMs = this.#failed.turn(login.address);
    if (waitMs === undefined) return this.#turnAway('too many failed logins from its address');
    if (waitMs > 0) await this.#pause(waitMs);
    if (login.password === undefined) return this.#refuse(login, 'it gave no password');
    const verdict = await passwords.check(login.user, login.password);
    if (verdict === 'too_busy') return this.#turnAway('too many passwords are being checked');
    return verdict === 'right'
      ? { ok: true, user: login.user }
      : this.#refuse(login, 'wrong user or password');
  }

  #turnAway(why: string): Admission {
    this.#unheard++;
    return { ok: false, why };
  }

  #refuse({ address }: Login, why: string): Admission {
    this.#failed.failed(address);
    const failures = this.#failed.of(address);
    return { ok: false, why: `${why}, failure ${String(failures)} from this address` };
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
  }

  #paths(): string[] {
    const { passwordFile, aclFile } = this.#options;
    return [passwordFile, aclFile].filter((file) => file !== undefined);
  }

  readonly #onFileChange = (): void => {
    void this.reload();
  };

  async #reload(): Promise<void> {
    const { log } = this.#options;
    try {
      const before = this.#files;
      this.#files = await this.#read();
      const isStillWelcome = (user: User): boolean => this.#staysWelcome(user, before);
      for (const listener of this.#listeners) listener(isStillWelcome);
      log.info({}, 'users and rights were read again');
    } catch (thrown) {
      log.error({ err: asGatewayError(thrown) }, 'users and rights stay as they were');
    }
  }

  #staysWelcome(user: User, before: Files): boolean {
    const { passwords } = this.#files;
    if (user === undefined || passwords === undefined || before.passwords === undefined) return true;
    // Who came by a certificate is in no file.
    if (!before.passwords.knows(user)) return true;
    return passwords.isUnchanged(user, before.passwords);
  }

  async #read(): Promise<Files> {
    const { passwordFile, aclFile, log } = this.#options;
    let passwords: PasswordCheck | undefined;
    if (passwordFile !== undefined) {
      const { users, badLines } = await readPasswords(passwordFile);
      if (badLines.length > 0) {
        const lines = badLines.slice(0, 10);
        log.warn(
          { file: passwordFile, lines },
          'lines without a valid $7$ or $6$ hash: these users cannot log in',
        );
      }
      passwords = new PasswordCheck(users);
    }
    const rights = aclFile === undefined ? EVERY_RIGHT : await readRights(aclFile);
    return { passwords, rights };
  }
}
