// Our own way of delivery against aedes' and against a model: whatever is subscribed, allowed and published, everybody gets
// the same, by whichever version of MQTT, and with what belongs to it. By aedes' way all speak 3.1.1.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { IPublishPacket } from 'mqtt';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectClient } from '../../../support/mqtt/client.js';
import type { TestClient } from '../../../support/mqtt/client.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';
import { DeliveryModel } from './delivery-model.js';
import type { Delivered, Published, QoS, Subscribed, Version } from './delivery-model.js';

type Scope = Pick<TestContext, 'after'>;
type Step =
  | ({ readonly do: 'subscribe'; readonly who: number } & Subscribed)
  | { readonly do: 'unsubscribe'; readonly who: number; readonly filter: string }
  | ({ readonly do: 'publish'; readonly times: number } & Published)
  | { readonly do: 'allow'; readonly filters: readonly string[] };

const CLIENTS = 3;
const TOPICS = ['a', 'a/b', 'a/b/c', 'd', 'd/b'];
const FILTERS = [...TOPICS, '#', '+', 'a/#', '+/b', 'a/+/c'];
const EXPIRY_S = 600;
const PROPERTIES = { contentType: 'text/plain', userProperties: { one: 'a', two: ['b', 'c'] } };

interface Dialect {
  readonly version: Version;
  /** Of version 5: where it is 1, all but the first of a burst wait. */
  readonly receiveMaximum?: number;
  /** Fewer than topics, the barrier's among them: some have one, some have none. */
  readonly topicAliasMaximum?: number;
}

const OF_4: Dialect = { version: 4 };
const dialects = fc.array(
  fc.constantFrom<Dialect>(OF_4, { version: 5, topicAliasMaximum: 3 }, { version: 5, receiveMaximum: 1 }),
  {
    minLength: CLIENTS,
    maxLength: CLIENTS,
  },
);
const who = fc.nat(CLIENTS - 1);
const qos = fc.constantFrom<QoS>(0, 1, 2);
const filter = fc.constantFrom(...FILTERS);
const topic = fc.constantFrom(...TOPICS);
const [rap, retain, withProperties] = [fc.boolean(), fc.boolean(), fc.boolean()];
const times = fc.integer({ min: 1, max: 3 });
/** Half have none: what has one is encoded for its reader alone. */
const id = fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined, freq: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('subscribe' as const), who, filter, qos, rap, id }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), who, filter }) },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ do: fc.constant('publish' as const), who, topic, qos, retain, withProperties, times },
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('allow' as const), filters: fc.subarray(FILTERS) }) },
);

interface Client extends TestClient {
  readonly version: Version;
  readonly delivered: Delivered[];
  syncs: number;
}

interface World {
  readonly clients: readonly Client[];
  readonly model: DeliveryModel;
  allow(filters: readonly string[]): Promise<void>;
}

async function open(t: Scope, path: 'direct' | 'aedes', drawn: readonly Dialect[]): Promise<World> {
  const aclFile = join(await temporaryFolder(t), 'acl');
  const acl = (filters: readonly string[]): string =>
    ['topic write #', 'topic read sync', ...filters.map((one) => `topic read ${one}`), ''].join('\n');
  await writeFile(aclFile, acl(['#']));
  const { doorkeeper, url } = await startBroker(t, {}, { anonymous: true, aclFile }, path);
  const clients = await Promise.all(drawn.map(async (dialect, index) => connected(t, url, index, dialect)));
  for (const client of clients) await client.subscribe('sync', 0);
  const allow = async (filters: readonly string[]): Promise<void> => {
    await writeFile(aclFile, acl(filters));
    await doorkeeper.reload();
  };
  return { clients, model: new DeliveryModel(drawn.map(({ version }) => version)), allow };
}

/** The first has a session. */
async function connected(t: Scope, url: string, index: number, dialect: Dialect): Promise<Client> {
  const { version, ...takes } = dialect;
  const delivered: Delivered[] = [];
  const stays = index === 0 ? { sessionExpiryInterval: 600 } : {};
  const properties = { ...takes, ...stays };
  const client = await connectClient(
    t,
    url,
    {
      ...{ clientId: `c${String(index)}`, clean: index !== 0, protocolVersion: version },
      ...(version === 5 ? { properties } : {}),
    },
    (mqtt) => {
      mqtt.on('message', (name, payload, packet) => {
        if (name === 'sync') own.syncs++;
        else delivered.push(deliveredOf(name, payload.toString(), packet));
      });
    },
  );
  const own: Client = Object.assign(client, { version, delivered, syncs: 0 });
  return own;
}

function deliveredOf(
  name: string,
  text: string,
  { qos: by, retain: is, properties }: IPublishPacket,
): Delivered {
  const {
    subscriptionIdentifier = [],
    messageExpiryInterval,
    contentType,
    userProperties,
  } = properties ?? {};
  const has = { contentType, userProperties: userProperties && { ...userProperties } };
  // It may have waited for a moment.
  const left = messageExpiryInterval ?? 0;
  const isWhole = isDeepStrictEqual(has, PROPERTIES) && left > EXPIRY_S - 60 && left <= EXPIRY_S;
  const isNone = isDeepStrictEqual({ ...has, messageExpiryInterval }, NOTHING);
  const own = isWhole ? 'all' : isNone ? 'none' : 'some';
  const ids = [subscriptionIdentifier].flat().toSorted((a, b) => a - b);
  return { topic: name, text, qos: by, retain: is, ids, properties: own };
}

const NOTHING = { contentType: undefined, userProperties: undefined, messageExpiryInterval: undefined };

async function take(world: World, index: number, one: Step): Promise<void> {
  const { clients, model } = world;
  const client = 'who' in one ? clients[one.who] : undefined;
  if (one.do === 'allow') {
    await world.allow(one.filters);
    model.allowed(one.filters);
  } else if (client === undefined) throw new Error('nobody');
  else if (one.do === 'subscribe') {
    if (await subscribed(client, one)) model.subscribed(one.who, one);
  } else if (one.do === 'unsubscribe') {
    await client.mqtt.unsubscribeAsync(one.filter);
    model.unsubscribed(one.who, one.filter);
  } else {
    const texts = Array.from({ length: one.times }, (_, time) => `${String(index)}.${String(time)}`);
    await Promise.all(texts.map(async (text) => publish(client, text, one)));
    for (const text of texts) model.published(text, one);
  }
  await synchronized(clients, client ?? clients[0]);
  await until(`what is live of step ${String(index)}`, () => isAllThere(world), 5000);
}

/**
 * By both ways; behind a subscription not on before the same is there: what is retained is sent as it is when its turn
 * comes, which on a busy machine may be behind the next message of its topic. Rejects where they differ.
 */
async function inStep(one: World, other: World, steps: readonly Step[]): Promise<void> {
  const same = (): boolean => JSON.stringify(shown(one)) === JSON.stringify(shown(other));
  for (const [index, step] of steps.entries()) {
    await Promise.all([take(one, index, step), take(other, index, step)]);
    const mayLag = step.do === 'subscribe' || index === steps.length - 1;
    if (mayLag) await until('the same for all', same, 5000).catch(() => undefined);
    if (mayLag && !same()) assert.deepEqual(shown(one), shown(other));
  }
}

/** A filter of which nothing may be read is refused; both must refuse the same. */
async function subscribed(
  { mqtt, version }: Client,
  { filter: name, ...asked }: Subscribed,
): Promise<boolean> {
  const properties = asked.id === undefined ? {} : { properties: { subscriptionIdentifier: asked.id } };
  const options = version === 5 ? { qos: asked.qos, rap: asked.rap, ...properties } : { qos: asked.qos };
  return mqtt.subscribeAsync(name, options).then(
    () => true,
    () => false,
  );
}

async function publish({ mqtt, version }: Client, text: string, message: Published): Promise<void> {
  const properties = { ...PROPERTIES, messageExpiryInterval: EXPIRY_S };
  await mqtt.publishAsync(message.topic, text, {
    ...{ qos: message.qos, retain: message.retain },
    ...(version === 5 && message.withProperties ? { properties } : {}),
  });
}

/** Everything that was sent before has arrived: a message behind it came to everybody. */
async function synchronized(clients: readonly Client[], client: Client | undefined): Promise<void> {
  const before = clients.map(({ syncs }) => syncs);
  await client?.publish('sync', '');
  await until('the barrier', () => clients.every(({ syncs }, index) => syncs > (before[index] ?? 0)));
}

function isAllThere(world: World): boolean {
  return world.clients.every((_, who) => byKind(world, who).live.length === world.model.live(who).length);
}

/** Live messages, and those that came because they were retained: each comes live first, to whom it does. */
function byKind({ clients, model }: World, who: number): { live: Delivered[]; retained: Delivered[] } {
  const awaited = new Set(model.live(who).map(({ text }) => text));
  const live: Delivered[] = [];
  const retained: Delivered[] = [];
  for (const one of clients[who]?.delivered ?? []) (awaited.delete(one.text) ? live : retained).push(one);
  return { live, retained };
}

function names(messages: readonly Delivered[]): string[] {
  return messages.map((one) => `${one.topic}=${one.text}`);
}

function shown(world: World): unknown[] {
  return world.clients.map((_, who) => {
    const { live, retained } = byKind(world, who);
    return [names(live), names(retained).toSorted()];
  });
}

/** By our own way everything is as the model says. */
function asTheModelSays(world: World): void {
  for (const who of world.clients.keys()) {
    const { live, retained } = byKind(world, who);
    assert.deepEqual(live, world.model.live(who), `live, of client ${String(who)}`);
    for (const { topic: name, text, retain: is, properties } of retained)
      assert.deepEqual({ topic: name, retain: is, properties }, world.model.retained(who, text), text);
  }
}

void test(
  'random subscriptions, rights and messages bring the same by both ways, with what belongs to it',
  { timeout: 240_000 },
  async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), dialects, async (steps, drawn) => {
        const undo: (() => unknown)[] = [];
        const scope: Scope = { after: (fn) => void undo.push(fn as () => unknown) };
        try {
          const [direct, aedes] = await Promise.all([
            open(scope, 'direct', drawn),
            open(
              scope,
              'aedes',
              drawn.map(() => OF_4),
            ),
          ]);
          await inStep(direct, aedes, steps);
          asTheModelSays(direct);
        } finally {
          for (const fn of undo.toReversed()) await fn();
        }
      }),
      { numRuns: 40 },
    );
    t.diagnostic('40 runs');
  },
);
