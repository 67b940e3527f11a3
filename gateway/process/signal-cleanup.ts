// What a command of the shell has begun to write is gone when somebody ends it by Ctrl-C.
import { constants } from 'node:os';
import process from 'node:process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `tidy` is called at such a signal, and the process ends as a shell expects it: with 128 and the signal's number. */
export async function tidiedAtSignals<T>(tidy: () => void, work: () => Promise<T>): Promise<T> {
  const onSignal = (signal: NodeJS.Signals): void => {
    tidy();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
