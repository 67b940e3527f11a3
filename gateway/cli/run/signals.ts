// How the process ends: the first signal stops the gateway in order, the second ends it at once, a crash is logged first.
import { asGatewayError } from '../../../shared/errors.js';
import type { Log } from '../../../shared/ports.js';

export interface Ending {
  readonly log: Log;
  /** Stops everything in order, within its own deadline; called once. A rejection makes the exit code 1. */
  readonly stop: () => Promise<void>;
  /** What SIGHUP asks for; without it SIGHUP ends as well. */
  readonly reload?: () => Promise<void>;
  /** Where there is a terminal: whether it was closed by now. Then SIGHUP ends. */
  readonly isHungUp?: () => boolean;
  /** A second signal within this is taken for the first; default 300. */
  readonly sameSignalMs?: number;
}

/** What a shell reports for a process that a signal ended: 128 + the signal's number. */
const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/**
 * One Ctrl-C may come twice: from the terminal, and from npm, which passes on what it gets (its run-script's
 * signal-manager). What comes so soon after the first is not a person's second.
 */
const SAME_SIGNAL_MS = 300;

/** A terminal that is being closed may send its SIGHUP a moment before it is. */
const HANG_UP_MS = 300;

/** Handles SIGINT, SIGTERM, SIGHUP (the terminal was closed), uncaught exceptions and unhandled rejections from now on, until the process is gone. */
export function handleSignals(options: Ending): void {
  const { log, stop, reload, isHungUp = () => false, sameSignalMs = SAME_SIGNAL_MS } = options;
  let ending = false;
  let firstSignalMs = Number.POSITIVE_INFINITY;
  let exitCode = 0;

  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    try {
      await stop();
    } catch (error) {
      exitCode = 1;
      log.error({ err: error }, 'the gateway did not stop well');
    }
    // Not left to the empty event loop: a part that was given up may hold its handles for ever.
    process.exit(exitCode);
  };

  const readAgain = (asked: () => Promise<void>): void => {
    log.info({ signal: 'SIGHUP' }, 'SIGHUP: configuration, users, rights and certificates are read again');
    asked().catch((err: unknown) => {
      log.error({ err }, 'not everything was read again');
    });
  };

  const heed = (signal: NodeJS.Signals & keyof typeof SIGNAL_EXIT_CODES): void => {
    const sinceFirstMs = performance.now() - firstSignalMs;
    if (sinceFirstMs >= 0 && sinceFirstMs < sameSignalMs) {
      log.debug({ signal, sinceFirstMs }, `${signal} once more at once: taken for the same`);
      return;
    }
    if (ending) process.exit(SIGNAL_EXIT_CODES[signal]);
    firstSignalMs = performance.now();
    log.info({ signal }, `${signal}: stopping; once more ends at once`);
    void end();
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      heed(signal);
    });
  process.on('SIGHUP', () => {
    if (reload === undefined || ending || isHungUp()) {
      heed('SIGHUP');
      return;
    }
    const later = (): void => {
      if (ending || isHungUp()) heed('SIGHUP');
      else readAgain(reload);
    };
    if (options.isHungUp === undefined) later();
    else setTimeout(later, HANG_UP_MS);
  });
  // A rejection that nobody handles arrives here too: that is Node's default since version 15.
  process.on('uncaughtException', (thrown: unknown) => {
    exitCode = 1;
    log.error({ err: asGatewayError(thrown) }, 'an error nobody handled: stopping');
    void end();
  });
}
