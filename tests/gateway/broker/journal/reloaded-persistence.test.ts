// aedes-persistence's own suite, as the package ships it, on a store that is loaded anew from its journal before every
// single call: what was not written down, or does not come back as it was, fails there.
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { factOf, factsOf, writtenFact } from '../../../../gateway/broker/journal/fact-lines.js';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/mqtt/limits.js';
import { MemoryPersistence } from '../../../../gateway/broker/sessions/memory-persistence.js';

type AbstractSuite = (options: { test: typeof test; persistence: () => unknown; testAsync: boolean }) => void;
type Method = (...args: unknown[]) => unknown;

const fromAedes = createRequire(import.meta.resolve('aedes'));
const abstractSuite = fromAedes('aedes-persistence/abstract.js') as AbstractSuite;

const METHODS = Object.getOwnPropertyNames(MemoryPersistence.prototype).filter(
  (name) => !['constructor', 'setup', 'broker', 'dropped', 'subscriptionCount', 'destroy'].includes(name),
);

/** `compacted`: from the shortest list of facts that brings the same state, in place of all that were decided. */
function reloading(compacted: boolean): object {
  let lines: string[] = [];
  let broker: { readonly id: string } | undefined;
  // One after the other: a test of the suite makes many calls at once.
  let turn: Promise<unknown> = Promise.resolve();
  const call = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    // As where aedes sends by itself all that waits: its own suite asks for that.
    const store = new MemoryPersistence({ limits: { ...DEFAULT_LIMITS, maxInflightOutbound: Infinity } });
    if (broker !== undefined) await store.setup(broker);
    for (const line of lines) {
      const fact = factOf(JSON.parse(line));
      if (fact !== undefined) store.restore(fact);
    }
    if (compacted) lines = [...factsOf(store.state())].map((fact) => JSON.stringify(writtenFact(fact)));
    store.recordTo((fact) => lines.push(JSON.stringify(writtenFact(fact))));
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

/** Only the identifier of an incoming QoS 2 message is kept: nobody asks for more. */
const WHOLE_INCOMING = 'add incoming packet, get it, and clear with messageId';

for (const compacted of [false, true])
  abstractSuite({
    test: (async (name: string, run: () => Promise<void>) => {
      if (name !== WHOLE_INCOMING) await test(`${name}, ${compacted ? 'compacted and ' : ''}reloaded`, run);
    }) as typeof test,
    persistence: () => reloading(compacted),
    testAsync: true,
  });
