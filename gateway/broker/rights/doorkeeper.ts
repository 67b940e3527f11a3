// Who gets in, and with which rights: Mosquitto's password and ACL files, read at the start, again when they change and
// when asked to (SIGHUP). One for MQTT, HTTP and WebSocket alike.
import { unwatchFile, watchFile } from 'node:fs';
import { asGatewayError } from '../../../shared/errors.js';
import type { Clock, Component, Log, LogFields } from '../../../shared/ports.js';
import { RepeatedLines } from '../../logging/repeated-lines.js';
import { FailedLogins, LONGEST_WAIT_MS, type FailingAddress } from './failed-logins.js';
import { LoginTurns } from './login-turns.js';
import { PasswordCheck } from './password-check.js';
import { badLineWords, type BadLine } from './password-file.js';
import { EVERY_RIGHT, type Rights, type User } from './rights.js';
import { TokenCheck } from './tokens.js';
import { readPasswords, readRights, readTokens } from './users-files.js';

/** Polled: editors and tools replace files, and a watch on the old one would see nothing more. */
const LOOK_EVERY_MS = 1000;
/** The health topic is said every ten seconds: enough to see who it is. */
const MOST_ADDRESSES_TOLD = 10;

/** Whether somebody who is in may stay. Who came by a certificate is in no file. */
export type IsStillWelcome = (user: User, byCertificate: boolean) => boolean;

export interface DoorkeeperOptions {
  /** Without it everybody who reaches the port is let in, which is therefore loopback only. */
  readonly passwordFile?: string;
  /** Without it everybody who is let in may do everything. */
  readonly aclFile?: string;
  /** Without it nobody is let in by a token. */
  readonly tokenFile?: string;
  /** Whether clients without a name are let in beside users. */
  readonly anonymous: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Login {
  readonly user: User;
  readonly password: Buffer | undefined;
  /** In place of both, over HTTP. */
  readonly token?: string | undefined;
  /** Of a certificate that was checked: no password is asked for. */
  readonly certificateUser?: string | undefined;
  readonly address: string;
}

export interface Refusal {
  readonly ok: false;
  readonly why: string;
  /** Of its address so far, this one among them. */
  readonly failures?: number;
}

export type Admission =
  | { readonly ok: true; readonly user: User; readonly byCertificate?: true }
  /** In words for the log, with the failures of its address so far; the client only hears that it is not let in. */
  | Refusal;

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

/** What is in force: all files of one moment. */
interface Files {
  readonly passwords: PasswordCheck | undefined;
  readonly tokens?: TokenCheck;
  readonly rights: Rights;
}

export class Doorkeeper implements Component {
  readonly name = 'users';
  readonly #options: DoorkeeperOptions;
  readonly #failed: FailedLogins;
  readonly #turns = new LoginTurns();
  readonly #lines: RepeatedLines;
  readonly #listeners = new Set<(isStillWelcome: IsStillWelcome) => void>();
  #files: Files = { passwords: undefined, rights: EVERY_RIGHT };
  #reloading: Promise<void> = Promise.resolve();
  #unheard = 0;

  constructor(options: DoorkeeperOptions) {
    this.#options = options;
    this.#failed = new FailedLogins(options.clock);
    this.#lines = new RepeatedLines(options.log, options.clock);
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
  onChange(listener: (isStillWelcome: IsStillWelcome) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects with config_unreadable or config_invalid. */
  async start(): Promise<void> {
    this.#lines.open();
    this.#files = await this.#read();
    for (const listener of this.#listeners) listener(() => true);
    for (const file of this.#paths()) {
      watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, this.#onFileChange);
    }
  }

  async stop(): Promise<void> {
    this.#lines.close();
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
    if (login.certificateUser !== undefined)
      return { ok: true, user: login.certificateUser, byCertificate: true };
    // Nobody checks a name here: it gives no rights, and takes none.
    if (passwords === undefined) return { ok: true, user: undefined };
    if (login.user === undefined && login.token === undefined) {
      return this.#options.anonymous
        ? { ok: true, user: undefined }
        : { ok: false, why: 'it gave no user name' };
    }
    if (this.#failed.wouldWaitTooLong(login.address, this.#turns.ahead(login.address)))
      return this.#turnAway('too many failed logins from its address');
    const cameMs = this.#options.clock.monotonicMs();
    const admission = this.#turns.take(login.address, async () => this.#try(login, cameMs));
    return admission ?? this.#turnAway('too many logins from its address wait');
  }

  /** One line for each address, user and cause; the same again is counted. */
  sayRefused(what: string, { why, failures }: Refusal, facts: LogFields): void {
    const { address, user } = facts;
    const more = failures === undefined ? facts : { ...facts, failures };
    this.#lines.say('warn', `${String(address)} ${String(user)}`, more, `${what}: ${why}`);
  }

  async #try(login: Login, cameMs: number): Promise<Admission> {
    const { clock } = this.#options;
    const waitMs = this.#failed.turn(login.address);
    const waitedMs = clock.monotonicMs() - cameMs;
    if (waitMs === undefined || (waitMs > 0 && waitedMs + waitMs > LONGEST_WAIT_MS))
      return this.#turnAway('too many failed logins from its address');
    if (waitMs > 0) await this.#pause(waitMs);
    if (login.token !== undefined) return this.#byToken(login, login.token);
    const { user, password } = login;
    if (user === undefined || password === undefined) return this.#refuse(login, 'it gave no password');
    for (;;) {
      // Anew, where the files changed while it waited.
      const { passwords } = this.#files;
      const verdict = await passwords?.check(user, password);
      if (passwords !== this.#files.passwords) continue;
      if (verdict === 'too_busy') return this.#turnAway('too many passwords are being checked');
      return verdict === 'wrong' ? this.#refuse(login, 'wrong user or password') : { ok: true, user };
    }
  }

  #byToken(login: Login, token: string): Admission {
    const user = this.#files.tokens?.userOf(token);
    return user === undefined ? this.#refuse(login, 'wrong token') : { ok: true, user };
  }

  #turnAway(why: string): Admission {
    this.#unheard++;
    return { ok: false, why };
  }

  #refuse({ address }: Login, why: string): Admission {
    this.#failed.failed(address);
    return { ok: false, why, failures: this.#failed.of(address) };
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
  }

  #paths(): string[] {
    const { passwordFile, aclFile, tokenFile } = this.#options;
    return [passwordFile, aclFile, tokenFile].filter((file) => file !== undefined);
  }

  readonly #onFileChange = (): void => {
    void this.reload();
  };

  async #reload(): Promise<void> {
    const { log } = this.#options;
    try {
      const before = this.#files;
      this.#files = await this.#read();
      const isStillWelcome: IsStillWelcome = (user, byCertificate) =>
        byCertificate || this.#staysWelcome(user, before);
      for (const listener of this.#listeners) listener(isStillWelcome);
      log.info({}, 'users and rights were read again');
    } catch (thrown) {
      log.error({ err: asGatewayError(thrown) }, 'users and rights stay as they were');
    }
  }

  #staysWelcome(user: User, before: Files): boolean {
    const { passwords } = this.#files;
    if (user === undefined || passwords === undefined || before.passwords === undefined) return true;
    return passwords.isUnchanged(user, before.passwords);
  }

  async #read(): Promise<Files> {
    const { passwordFile, aclFile, tokenFile } = this.#options;
    const rights = aclFile === undefined ? EVERY_RIGHT : await readRights(aclFile);
    if (passwordFile === undefined) return { passwords: undefined, rights };
    const { users, badLines } = await readPasswords(passwordFile);
    this.#warnOf(passwordFile, badLines);
    const passwords = new PasswordCheck(users);
    if (tokenFile === undefined) return { passwords, rights };
    const file = await readTokens(tokenFile);
    this.#warnOf(tokenFile, file.badLines);
    return { passwords, rights, tokens: new TokenCheck(file.tokens, users) };
  }

  #warnOf(file: string, badLines: readonly BadLine[]): void {
    for (const words of badLineWords(file, badLines))
      this.#options.log.warn({}, `nobody can log in by it: ${words}`);
  }
}
