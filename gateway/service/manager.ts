// Tells systemd how the service does (sd_notify(3)). Node has no datagram sockets of the kind that NOTIFY_SOCKET is, so
// systemd's own tool says it, which is there wherever its units run. What a child says counts with NotifyAccess=all alone,
// and the tool waits until it was heard (sd_notify_barrier(3)): else systemd would not find whose word it is.
import { execFile } from 'node:child_process';
import { hrtime } from 'node:process';
import type { Clock, Log } from '../../shared/ports.js';

/** It waits 5 s at most itself. */
const TOOL_DEADLINE_MS = 10_000;
/** `WATCHDOG=1` at three times the rate that is asked for: one that is late ends nobody. */
const FEEDS_PER_DEADLINE = 3;

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID of it are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Resolves once everything that must live has answered; while it does not, systemd is not told that all is well. */
export type Proof = () => Promise<void>;

export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  /** What is said comes in its order. */
  #said: Promise<void> = Promise.resolve();
  #isUnheard = false;

  private constructor(options: ServiceManagerOptions) {
    this.#options = options;
  }

  /** Undefined where nobody asked to be told. */
  static of(options: ServiceManagerOptions): ServiceManager | undefined {
    const socket = options.env['NOTIFY_SOCKET'];
    return socket === undefined || socket === '' ? undefined : new ServiceManager(options);
  }

  ready(status: string): Promise<void> {
    return this.#say('READY=1', `STATUS=${status}`);
  }

  /** `ready` follows. */
  reloading(): Promise<void> {
    const usec = String(hrtime.bigint() / 1000n);
    return this.#say('RELOADING=1', `MONOTONIC_USEC=${usec}`);
  }

  stopping(): Promise<void> {
    return this.#say('STOPPING=1');
  }

  /** Where systemd watches: says that all is well as long as `proof` comes. Returns how to end it. */
  feedWatchdog(proof: Proof): () => void {
    const { clock, log } = this.#options;
    const deadlineMs = this.#watchdogMs();
    if (deadlineMs === undefined) return () => undefined;
    let cancel = (): void => undefined;
    let isAsking = false;
    const turn = (): void => {
      cancel = clock.after(deadlineMs / FEEDS_PER_DEADLINE, turn);
      if (isAsking) {
        log.error({ deadlineMs }, 'a part does not answer: systemd will end this process and start it again');
        return;
      }
      isAsking = true;
      proof().then(
        () => {
          isAsking = false;
          void this.#say('WATCHDOG=1');
        },
        (err: unknown) => {
          isAsking = false;
          log.error(
            { err, deadlineMs },
            'a part does not live: systemd will end this process and start it again',
          );
        },
      );
    };
    turn();
    return () => {
      cancel();
    };
  }

  /** What is asked of another process is not asked of this one: systemd.service(5), WatchdogSec=. */
  #watchdogMs(): number | undefined {
    const { env, pid } = this.#options;
    const asked = env['WATCHDOG_PID'];
    if (asked !== undefined && asked !== String(pid)) return undefined;
    const usec = Number(env['WATCHDOG_USEC']);
    return usec > 0 ? usec / 1000 : undefined;
  }

  /** Never rejects. */
  #say(...words: readonly string[]): Promise<void> {
    this.#said = this.#said.then(() => this.#tell(words));
    return this.#said;
  }

  async #tell(words: readonly string[]): Promise<void> {
    const { env, log } = this.#options;
    const err = await new Promise<Error | null>((resolve) => {
      execFile('systemd-notify', words, { env, timeout: TOOL_DEADLINE_MS }, resolve);
    });
    if (err === null) this.#isUnheard = false;
    else if (!this.#isUnheard) {
      this.#isUnheard = true;
      log.warn(
        { err, words },
        'systemd could not be told how the service does: is NotifyAccess=all in its unit?',
      );
    }
  }
}
