// The store's server killed with -9 again and again under load: every acknowledged sample is in it exactly once.
// STORE_SERVER_KILLS says how often; .ci/run has 50.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFerretDb, NO_FERRETDB } from '../../support/mongo/server.js';
import { Random } from '../../support/random.js';
import { ChaosClient, ChaosListener } from './chaos-clients.js';
import { ChaosGateway } from './chaos-gateway.js';
import { compare } from './reckoning.js';
import { until } from '../../support/waiting.js';
import { mongoStored } from './stored.js';

const KILLS = Number(process.env['STORE_SERVER_KILLS'] ?? 25);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const timeout = 180_000 + KILLS * 6000;

test(
  'a store server that is killed under load has every acknowledged sample exactly once',
  { timeout },
  async (t) => {
    const server = await findFerretDb();
    const restart = server?.restart;
    if (server === undefined || restart === undefined) {
      t.skip(NO_FERRETDB);
      return;
    }
    t.after(() => server.stop());
    const random = new Random(SEED);
    const uri = `${server.uri('killed')}?directConnection=true`;
    const gateway = new ChaosGateway(t, { MONGODB_URI: uri });
    await gateway.start();
    const listener = new ChaosListener(t, gateway.mqttUrl);
    // FerretDB reads all that it has for any question, also for whose a sample is that is there already: a few thousand are
    // enough.
    const pauseMs = 60;
    const clients = ['north', 'east', 'south'].map(
      (name) => new ChaosClient(t, gateway.mqttUrl, name, random, { pauseMs }),
    );
    const nameless = new ChaosClient(t, gateway.mqttUrl, 'nameless', random, {
      pauseMs,
      withIdentity: false,
    });
    const all = [...clients, nameless];
    for (const client of all) client.start();
    const store = mongoStored(t, server.uri('killed'));
    // FerretDB that is killed while it makes a collection may refuse all that is for it from then on (seen once in some
    // thirty runs): it is made before.
    const [first] = await until('a first sample', () => {
      const acknowledged = clients.flatMap((client) => [...client.acknowledged]);
      return acknowledged.length > 0 && acknowledged;
    });
    await store.settle(first === undefined ? [] : [first]);
    for (let kill = 0; kill < KILLS; kill += 1) {
      // From the middle of its first request after the start to a batch or two later.
      await sleep(random.int(800));
      await restart();
    }
    for (const client of all) await client.stop();
    const seen = new Map(listener.seen);
    // A new process delivers at once, where the old one may pause for half a minute.
    await gateway.kill();
    await store.settle([...clients.flatMap(({ acknowledged }) => [...acknowledged]), ...seen.keys()]);
    assert.equal(await gateway.stop(), 0, 'the gateway stops in order');
    const found = await store.samples(gateway.dataDir);
    t.diagnostic(
      `${String(KILLS)} kills (CHAOS_SEED=${String(SEED)}), ${String(found.length)} samples stored, of clients ` +
        `${String(all.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0))} acknowledged, ${String(seen.size)} seen`,
    );
    assert.deepEqual(gateway.ownEnds, []);
    assert.deepEqual(compare(found, { clients, nameless, seen, runs: gateway.runs }), []);
  },
);
