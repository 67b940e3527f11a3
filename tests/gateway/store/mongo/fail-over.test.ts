// A replica set whose primary steps down while samples are delivered: real members, where a mongod can be had.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Delivery } from '../../../../bridge/recording/delivery.js';
import { MongoStore } from '../../../../gateway/store/mongo/store.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { identityOf } from '../../../../shared/sample.js';
import { NO_REPLICA_SET, startReplicaSet } from '../../../support/mongo/memory-server.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { until } from '../../../support/waiting.js';
import { openStore, samplesOf } from '../open-store.js';

const set = process.env['MONGODB_URI'] === undefined ? await startReplicaSet() : undefined;
if (set === undefined) console.error(`\n!!! ${NO_REPLICA_SET}\n`);
after(() => set?.stop());

test('a primary that steps down in the middle costs no sample and doubles none', async (t) => {
  if (set === undefined) {
    t.skip(NO_REPLICA_SET);
    return;
  }
  const log = new RecordingLog();
  const mongoStore = new MongoStore({ uri: set.uri('fail_over'), log, clock: new SystemClock() });
  await mongoStore.start();
  t.after(() => mongoStore.stop());
  const { store } = await openStore(t);
  const options = { batchSamples: 10, firstPauseMs: 10, maxPauseMs: 200 };
  const delivery = new Delivery({
    outbox: store.outbox,
    store: mongoStore,
    clock: new SystemClock(),
    log,
    ...options,
  });
  t.after(() => delivery.stop(0));
  const samples = samplesOf(2000);
  await store.outbox.append(samples.slice(0, 1000));
  await delivery.start();
  await until('the first samples', () => delivery.state.delivered > 0);
  await set.stepDown();
  await store.outbox.append(samples.slice(1000));
  await until('the last samples', () => delivery.state.delivered >= samples.length, 60_000);
  const found = await mongoStore.query({ device: 'tank-1', fromTs: 0, toTs: 1e15, limit: 100_000 });
  const wanted = samples.map((_, seq) => identityOf({ boot: 'boot-a', device: 'tank-1', seq }));
  assert.deepEqual(found.map(identityOf).sort(), wanted.sort());
});
