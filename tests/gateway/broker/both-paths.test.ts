// Our own way of delivery against aedes': whatever is subscribed, allowed and published, everybody gets the same.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { filterMatches } from '../../../gateway/broker/topic-filter.js';
import { startBroker } from '../../support/embedded-broker.js';
import { connectClient } from '../../support/mqtt-client.js';
import type { TestClient } from '../../support/mqtt-client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

type Scope = Pick<TestContext, 'after'>;
type QoS = 0 | 1 | 2;
type Step =
  | { readonly do: 'subscribe'; readonly who: number; readonly filter: string; readonly qos: QoS }
  | { readonly do: 'unsubscribe'; readonly who: number; readonly filter: string }
  | {
      readonly do: 'publish';
      readonly who: number;
      readonly topic: string;
      readonly qos: QoS;
      readonly retain: boolean;
    }
  | { readonly do: 'allow'; readonly filters: readonly string[] };

const CLIENTS = 3;
const TOPICS = ['a', 'a/b', 'a/b/c', 'd', 'd/b'];
const FILTERS = [...TOPICS, '#', '+', 'a/#', '+/b', 'a/+/c'];

const who = fc.nat(CLIENTS - 1);
const qos = fc.constantFrom<QoS>(0, 1, 2);
const filter = fc.constantFrom(...FILTERS);
const topic = fc.constantFrom(...TOPICS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('subscribe' as const), who, filter, qos }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), who, filter }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('publish' as const), who, topic, qos, retain: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('allow' as const), filters: fc.subarray(FILTERS) }) },
);

interface World {
  readonly clients: readonly TestClient[];
  allow(filters: readonly string[]): Promise<void>;
}

async function open(t: Scope, path: 'direct' | 'aedes'): Promise<World> {
  const aclFile = join(await temporaryFolder(t), 'acl');
  const acl = (filters: readonly string[]): string =>
    ['topic write #', 'topic read sync', ...filters.map((one) => `topic read ${one}`), ''].join('\n');
  await writeFile(aclFile, acl(['#']));
  const { doorkeeper, url } = await startBroker(t, {}, { anonymous: true, aclFile }, path);
  const ids = Array.from({ length: CLIENTS }, (_, index) => index);
  const clients = await Promise.all(
    ids.map(async (id) => connectClient(t, url, { clientId: `c${String(id)}`, clean: id !== 0 })),
  );
  for (const client of clients) await client.subscribe('sync', 0);
  const allow = async (filters: readonly string[]): Promise<void> => {
    await writeFile(aclFile, acl(filters));
    await doorkeeper.reload();
  };
  return { clients, allow };
}

/** What a client got, live messages in their order, then the retained ones of its subscriptions. */
function received({ received: all }: TestClient): unknown[] {
  const shown = all.filter((message) => message.topic !== 'sync').map((m) => `${m.topic}=${m.text}`);
  const retained = new Set(all.filter(({ retain }) => retain).map((m) => `${m.topic}=${m.text}`));
  const live = all.filter((message) => message.topic !== 'sync' && !message.retain);
  return [live.map((m) => `${m.topic}=${m.text}`), [...retained].toSorted(), shown.length];
}

async function run(world: World, steps: readonly Step[]): Promise<void> {
  for (const [index, one] of steps.entries()) {
    const client = 'who' in one ? world.clients[one.who] : undefined;
    if (one.do === 'allow') await world.allow(one.filters);
    // A filter of which nothing may be read is refused; both must refuse the same.
    else if (one.do === 'subscribe') await client?.subscribe(one.filter, one.qos).catch(() => undefined);
    else if (one.do === 'unsubscribe') await client?.mqtt.unsubscribeAsync(one.filter);
    else await client?.publish(one.topic, String(index), one);
    await synchronized(world, client ?? world.clients[0]);
  }
}

/** Everything that was sent before has arrived: a message behind it came to everybody. */
async function synchronized(world: World, client: TestClient | undefined): Promise<void> {
  const before = world.clients.map(syncs);
  await client?.publish('sync', '');
  await until('the barrier', () => world.clients.every((one, index) => syncs(one) > (before[index] ?? 0)));
}

function syncs({ received: all }: TestClient): number {
  return all.filter((message) => message.topic === 'sync').length;
}

void test(
  'random subscriptions, rights and messages bring the same by both ways',
  { timeout: 240_000 },
  async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const undo: (() => unknown)[] = [];
        const scope: Scope = { after: (fn) => void undo.push(fn as () => unknown) };
        try {
          const [direct, aedes] = await Promise.all([open(scope, 'direct'), open(scope, 'aedes')]);
          await Promise.all([run(direct, steps), run(aedes, steps)]);
          const same = (): boolean =>
            JSON.stringify(direct.clients.map(received)) === JSON.stringify(aedes.clients.map(received));
          await until('the same for all', same, 2000).catch(() => undefined);
          assert.deepEqual(direct.clients.map(received), aedes.clients.map(received));
          grantedQos(steps, direct.clients);
        } finally {
          for (const fn of undo.toReversed()) await fn();
        }
      }),
      { numRuns: 25 },
    );
    t.diagnostic('25 runs');
  },
);

/** By our own way each live message has the lower of its own QoS and the highest granted by a filter that matches. */
function grantedQos(steps: readonly Step[], clients: readonly TestClient[]): void {
  const granted = clients.map(() => new Map<string, QoS>());
  const expected = new Map<string, number>();
  for (const [index, one] of steps.entries()) {
    if (one.do === 'subscribe') granted[one.who]?.set(one.filter, one.qos);
    else if (one.do === 'unsubscribe') granted[one.who]?.delete(one.filter);
    else if (one.do === 'publish')
      for (const [client, filters] of granted.entries()) {
        const matching = [...filters]
          .filter(([wanted]) => filterMatches(wanted, one.topic))
          .map(([, own]) => own);
        expected.set(`${String(client)}:${String(index)}`, Math.min(one.qos, Math.max(0, ...matching)));
      }
  }
  // A refused subscription leaves the model behind: only what it can be sure of is checked.
  if (steps.some((one) => one.do === 'allow')) return;
  for (const [client, { received: all }] of clients.entries())
    for (const message of all.filter((m) => m.topic !== 'sync' && !m.retain))
      assert.equal(message.qos, expected.get(`${String(client)}:${message.text}`), JSON.stringify(message));
}
