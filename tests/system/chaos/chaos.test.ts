// The recorder's promise against everything at once: every acknowledged sample is in the store exactly once, by its
// identity, and none was invented. By hand: CHAOS_ROUNDS=1000, and CHAOS_SEED=… to have the same faults again.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { fullDisk } from '../../support/full-disk.js';
import { MongoProxy } from '../../support/mongo/proxy.js';
import { findMongoServer, NO_MONGO } from '../../support/mongo/server.js';
import { Random } from '../../support/random.js';
import { ChaosClient, ChaosListener } from './chaos-clients.js';
import { ChaosGateway } from './chaos-gateway.js';
import { faultsOf, type Victims } from './faults.js';
import { compare } from './reckoning.js';
import { storm } from './storm.js';
import { localStored, mongoStored, type Store } from './stored.js';

const ROUNDS = Number(process.env['CHAOS_ROUNDS'] ?? 200);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const CLIENTS = ['north', 'east', 'south'];
const NAMELESS = 'nameless';
/** The example's devices. */
const POLLED = ['tank-1', 'tank-2', 'climate-1', 'lamp-1'];
/** The runner's own limit is for the 200 rounds of every day. */
const timeout = 120_000 + ROUNDS * 4000;

test('through every fault, each acknowledged sample is in MongoDB exactly once', { timeout }, async (t) => {
  const server = await findMongoServer();
  if (server === undefined) {
    t.skip(NO_MONGO);
    return;
  }
  t.after(() => server.stop());
  if (server.restart === undefined && process.env['MONGODB_URI'] !== undefined) {
    t.skip('the proxy needs a server of its own, without TLS and credentials');
    return;
  }
  const database = `chaos_${randomBytes(6).toString('hex')}`;
  const proxy = new MongoProxy(server.host);
  await proxy.up();
  t.after(() => proxy.down());
  const uri = `mongodb://${proxy.host}/${database}?directConnection=true`;
  const store = mongoStored(t, server.uri(database));
  await chaos(t, { rounds: ROUNDS, env: { MONGODB_URI: uri }, mongo: { server, proxy }, store });
});

test(
  'killed and out of disk, each acknowledged sample is in the local history exactly once',
  { timeout },
  async (t) => {
    const store = localStored(t, [...CLIENTS, NAMELESS, ...POLLED]);
    await chaos(t, { rounds: Math.ceil(ROUNDS / 20), env: {}, mongo: undefined, store });
  },
);

interface Scene {
  readonly rounds: number;
  readonly env: Readonly<Record<string, string>>;
  readonly mongo: Victims['mongo'];
  readonly store: Store;
}

async function chaos(t: TestContext, { rounds, env, mongo, store }: Scene): Promise<void> {
  const random = new Random(SEED);
  console.error(`chaos: ${String(rounds)} rounds with CHAOS_SEED=${String(SEED)}`);
  const disk = await fullDisk(t);
  const gateway = new ChaosGateway(t, { ...env, ...disk?.env });
  await gateway.start();
  const listener = new ChaosListener(t, gateway.mqttUrl);
  const clients = CLIENTS.map((name) => new ChaosClient(t, gateway.mqttUrl, name, random));
  const nameless = new ChaosClient(t, gateway.mqttUrl, NAMELESS, random, { withIdentity: false });
  const all = [...clients, nameless];
  for (const client of all) client.start();
  const struck = await storm(faultsOf({ gateway, disk, mongo }), rounds, random);
  for (const client of all) await client.stop();
  // What waits in the outbox at an orderly stop may stay there: what was seen until here must be in the store.
  const seen = new Map(listener.seen);
  // A new process delivers at once, where the old one may pause for half a minute.
  await gateway.kill();
  await store.settle([...clients.flatMap(({ acknowledged }) => [...acknowledged]), ...seen.keys()]);
  assert.equal(await gateway.stop(), 0, 'the gateway stops in order');
  const found = await store.samples(gateway.dataDir);
  t.diagnostic([...struck].map(([name, count]) => `${name}: ${String(count)}`).join(', '));
  t.diagnostic(`ends that nobody asked for: ${String(gateway.ownEnds.length)} ${gateway.ownEnds.join('\n')}`);
  t.diagnostic(
    `${String(rounds)} rounds (CHAOS_SEED=${String(SEED)}), ${String(found.length)} samples stored, of clients ` +
      `${String(all.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0))} acknowledged, ` +
      `${String(seen.size)} seen by a subscriber, ${String(gateway.runs.length)} starts of the gateway`,
  );
  assert.deepEqual(compare(found, { clients, nameless, seen, runs: gateway.runs }), []);
}
