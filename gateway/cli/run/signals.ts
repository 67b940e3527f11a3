// How the process ends: the first signal stops the gateway in order, the second ends it at once, a crash is logged first.
import { asGatewayError } from '../../../shared/errors.js';
import type { Log } from '../../../shared/ports.js';

export interface Ending {
  readonly log: Log;
  /** Stops everything in order, within its own deadline; called once. A rejection makes the exit code 1. */
  readonly stop: () => Promise<void>;
  /** What SIGHUP asks for where there is no terminal that could have been closed; without it SIGHUP ends as well. */
  readonly reload?: () => Promise<void>;
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

/** Handles SIGINT, SIGTERM, SIGHUP (the terminal was closed), uncaught exceptions and unhandled rejections from now on, until the process is gone. */
export function handleSignals({ log, stop, reload, sameSignalMs = SAME_SIGNAL_MS }: Ending): void {
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

  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (signal === 'SIGHUP' && reload !== undefined && !ending) {
        log.info({ signal }, 'SIGHUP: users, rights and certificates are read again');
        reload().catch((err: unknown) => {
          log.error({ err }, 'nothing was read again');
        });
        return;
      }
      const sinceFirstMs = performance.now() - firstSignalMs;
      if (sinceFirstMs >= 0 && sinceFirstMs < sameSignalMs) {
        log.debug({ signal, sinceFirstMs }, `${signal} once more at once: taken for the same`);
        return;
      }
      if (ending) process.exit(SIGNAL_EXIT_CODES[signal]);
      firstSignalMs = performance.now();
      log.info({ signal }, `${signal}: stopping; once more ends at once`);
      void end();
    });
  }
  // A rejection that nobody handles arrives here too: that is Node's default since version 15.
  process.on('uncaughtException', (thrown: unknown) => {
    exitCode = 1;
    log.error({ err: asGatewayError(thrown) }, 'an error nobody handled: stopping');
    void end();
  });
}
