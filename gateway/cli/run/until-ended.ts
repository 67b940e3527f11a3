// What a process of ours does once it is built: run until it ends by itself or somebody ends it.
import { env, pid, stdin, stdout } from 'node:process';
import { isatty } from 'node:tty';
import type { Clock } from '../../../shared/ports.js';
import type { Logger } from '../../logging/logger.js';
import { isJournal } from '../../service/journal.js';
import { ServiceManager } from '../../service/manager.js';
import { handleSignals } from './signals.js';

/** What `systemctl status` shows. */
const LIVE = 'live';
const REFUSED = 'live; the configuration has mistakes, and the one before runs on';

export interface Runnable {
  /** Resolves once everything has stopped: with the error that stopped it, or undefined. */
  readonly ended: Promise<Error | undefined>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Reads its files again. Resolves with why its configuration is not taken up, where it is not. */
  reload?(): Promise<Error | undefined>;
  /** Resolves once what must live has answered; rejects where that has failed. */
  proveLife?(): Promise<void>;
}

export interface Surroundings {
  readonly logger: Logger;
  readonly clock: Clock;
  /** What a person reads once it has started. */
  readonly banner: () => string;
}

/** Resolves when it has ended; rejects with what stopped it. */
export async function runUntilEnded(
  process: Runnable,
  { logger, clock, banner }: Surroundings,
): Promise<void> {
  const manager = ServiceManager.of({ env, pid, clock, log: logger.log });
  let endFeeding = (): void => undefined;
  // What had failed before the signal is still this process's error.
  const stopAll = async (): Promise<void> => {
    endFeeding();
    void manager?.stopping();
    await process.stop();
    const error = await process.ended;
    logger.log.info({}, 'stopped');
    await logger.close();
    if (error !== undefined) throw error;
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll());
  const isStopping = (): boolean => stopping !== undefined;
  const reload = async (): Promise<void> => {
    void manager?.reloading();
    let status = LIVE;
    try {
      if ((await process.reload?.()) !== undefined) status = REFUSED;
    } finally {
      void manager?.ready(status);
    }
  };
  // Whoever closes a terminal sends SIGHUP as well, and wants it to end.
  const isHungUp = (): boolean => !isatty(stdin.fd);
  handleSignals({ log: logger.log, stop, reload, ...(stdin.isTTY ? { isHungUp } : {}) });
  await process.start();
  // A signal during the start: by now nothing is there that could be told of.
  if (!isStopping()) {
    if (!isJournal(env['JOURNAL_STREAM'], stdout.fd)) stdout.write(banner());
    void manager?.ready(LIVE);
    endFeeding = manager?.feedWatchdog(async () => process.proveLife?.()) ?? endFeeding;
  }
  await process.ended;
  await stop();
}
