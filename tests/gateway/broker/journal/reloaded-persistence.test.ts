// aedes-persistence's own suite, as the package ships it, on a store that is loaded anew from its journal before every
// single call: what was not written down, or does not come back as it was, fails there.
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { callsFor, recordCalls, replayCalls } from '../../../../gateway/broker/journal/persistence-calls.js';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/limits.js';
import { MemoryPersistence } from '../../../../gateway/broker/memory-persistence.js';

type AbstractSuite = (options: { test: typeof test; persistence: () => unknown; testAsync: boolean }) => void;
type Method = (...args: unknown[]) => unknown;

const fromAedes = createRequire(import.meta.resolve('aedes'));
const abstractSuite = fromAedes('aedes-persistence/abstract.js') as AbstractSuite;

const METHODS = Object.getOwnPropertyNames(MemoryPersistence.prototype).filter(
  (name) => !['constructor', 'setup', 'broker', 'droppedQueued', 'droppedSessions', 'destroy'].includes(name),
);

/** `compacted`: from the shortest list of calls that brings the same state, in place of all that were made. */
function reloading(compacted: boolean): object {
  let lines: string[] = [];
  let broker: { readonly id: string } | undefined;
  // One after the other: a test of the suite makes many calls at once.
  let turn: Promise<unknown> = Promise.resolve();
  const call = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    const store = new MemoryPersistence({ limits: DEFAULT_LIMITS });
    if (broker !== undefined) await store.setup(broker);
    await replayCalls(
      store,
      lines.map((line) => JSON.parse(line) as unknown),
    );
    if (compacted) lines = [...callsFor(store, () => true)].map((entry) => JSON.stringify(entry));
    recordCalls(store, (entry) => lines.push(JSON.stringify(entry)));
    return Reflect.apply(Reflect.get(store, name) as Method, store, args);
  };
  const persistence: Record<string, unknown> = {
    setup: async (given: { readonly id: string }) => {
      persistence['broker'] = broker = given;
      return Promise.resolve();
    },
    destroy: async () => Promise.resolve(),
  };
  for (const name of METHODS)
    persistence[name] =
      name.startsWith('create') || name.endsWith('Stream') || ['streamWill', 'getClientList'].includes(name)
        ? streamed(async (args) => call(name, args))
        : (...args: unknown[]) => {
            const result = turn.then(async () => call(name, args));
            turn = result.catch(() => undefined);
            return result;
          };
  return persistence;
}

function streamed(load: (args: readonly unknown[]) => Promise<unknown>): Method {
  const read = async function* (args: readonly unknown[]): AsyncGenerator {
    yield* (await load(args)) as AsyncIterable<unknown>;
  };
  return (...args) => Readable.from(read(args));
}

for (const compacted of [false, true])
  abstractSuite({
    test: ((name: string, run: () => Promise<void>) =>
      test(`${name}, ${compacted ? 'compacted and ' : ''}reloaded`, run)) as typeof test,
    persistence: () => reloading(compacted),
    testAsync: true,
  });
