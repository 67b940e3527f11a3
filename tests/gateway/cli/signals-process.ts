// A process for signals.test.ts to end: it handles signals as the gateway does and says what happens on its stdout.
// Its argument tells how its stop behaves: `well`, `hang`, `throw`, or `wait` for the parent; other messages from the
// parent make it crash.
import { once } from 'node:events';
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
const [, , kind = 'well'] = process.argv;

handleSignals({
  log,
  sameSignalMs: kind === 'wait' ? Infinity : 0,
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
console.log('ready');
