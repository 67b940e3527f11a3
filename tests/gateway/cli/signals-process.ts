// A process for signals.test.ts to end: it handles signals as the gateway does and says what happens on its stdout.
// Its argument tells how its stop behaves: `well`, `hang`, `throw`, or `wait` for the parent; other messages from the
// parent make it crash. With `terminal` it reads again at SIGHUP as long as its terminal is there, and writes into the file
// that is its second argument when it is told to stop.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { handleSignals } from '../../../gateway/cli/run/signals.js';
import type { Log, LogFields } from '../../../shared/ports.js';

const say = (fields: LogFields, message: string): void => {
  const { err } = fields;
  console.log(err instanceof Error ? `${message} (${err.message})` : message);
};
const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };

const stops: Record<string, () => Promise<void>> = {
  well: () => Promise.resolve(),
  hang: () => new Promise(() => undefined),
  throw: () => Promise.reject(new Error('outbox not flushed')),
  wait: async () => {
    while ((await once(process, 'message'))[0] !== 'finish');
  },
};
const [, , kind = 'well', file = ''] = process.argv;
stops['terminal'] = () => writeFile(file, 'stopped');

async function readAgain(): Promise<void> {
  return writeFile(file, 'read again');
}

handleSignals({
  log,
  sameSignalMs: kind === 'wait' ? Infinity : 0,
  ...(kind === 'terminal' ? { isHungUp: () => !isatty(0), reload: readAgain } : {}),
  stop: () => {
    console.log('stop called');
    return stops[kind]?.() ?? Promise.reject(new Error(`no such stop: ${kind}`));
  },
});

process.on('message', (what) => {
  if (what === 'finish') return;
  if (what === 'throw') throw new Error('thrown in a callback');
  void Promise.reject(new Error('rejected and not awaited'));
});
// Without a parent that talks with it nothing else holds it.
if (kind === 'terminal') setInterval(() => undefined, 60_000);
console.log('ready');
