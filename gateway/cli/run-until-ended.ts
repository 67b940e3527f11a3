// What a process of ours does once it is built: run until it ends by itself or somebody ends it.
import { stdin, stdout } from 'node:process';
import type { Logger } from '../logging/logger.js';
import { handleSignals } from './signals.js';

export interface Runnable {
  /** Resolves once everything has stopped: with the error that stopped it, or undefined. */
  readonly ended: Promise<Error | undefined>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Reads its files again. */
  reload?(): Promise<void>;
}

/** `banner` is printed once it has started. Resolves when it has ended; rejects with what stopped it. */
export async function runUntilEnded(process: Runnable, logger: Logger, banner: () => string): Promise<void> {
  // What had failed before the signal is still this process's error.
  const stopAll = async (): Promise<void> => {
    await process.stop();
    const error = await process.ended;
    logger.log.info({}, 'stopped');
    await logger.close();
    if (error !== undefined) throw error;
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll());
  const isStopping = (): boolean => stopping !== undefined;
  // With a terminal SIGHUP means that it was closed; without one it is how services are told to read their files again.
  const reload = stdin.isTTY ? {} : { reload: async (): Promise<void> => process.reload?.() };
  handleSignals({ log: logger.log, stop, ...reload });
  await process.start();
  // A signal during the start: by now nothing is there that could be told of.
  if (!isStopping()) stdout.write(banner());
  await process.ended;
  await stop();
}
