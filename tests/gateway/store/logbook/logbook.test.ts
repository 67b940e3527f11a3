import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MongoClient } from 'mongodb';
import { Delivery } from '../../../../bridge/recording/delivery.js';
import { answerLogbook } from '../../../../bridge/logbook/request.js';
import { MongoLogbook } from '../../../../gateway/store/mongo/logbook.js';
import { MongoStore } from '../../../../gateway/store/mongo/store.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import type { CommandEntry, EventEntry, LogbookEntry } from '../../../../shared/logbook.js';
import { mongoDatabases } from '../../../support/mongo/database.js';
import { MongoProxy } from '../../../support/mongo/proxy.js';
import { NO_MONGO } from '../../../support/mongo/server.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { openStore } from '../open-store.js';

const all = { fromTs: 0, toTs: 1e15, limit: 10_000 };

function command(n: number, overrides: Partial<CommandEntry> = {}): CommandEntry {
  return {
    kind: 'command',
    ...{ ts: 1000 + n, gateway: 'greenhouse', device: 'tank-1', name: 'pump', id: `c${String(n)}` },
    status: 'done',
    args: { speed: n },
    ms: 1.5,
    by: { client: 'node-red', user: 'anna' },
    ...overrides,
  };
}

function event(n: number, overrides: Partial<EventEntry> = {}): EventEntry {
  return { kind: 'event', ts: 1000 + n, gateway: 'greenhouse', name: 'device.offline', ...overrides };
}

test('what was noted is found again as it was, once, by kind, device, name and time', async (t) => {
  const { store, dataDir } = await openStore(t);
  const entries: LogbookEntry[] = [
    command(1),
    event(2, { device: 'tank-2', detail: { code: 'no_ack', $where: { 'a.b': 1 } } }),
    command(3, { device: 'lamp-1', name: 'dim' }),
  ];
  // One that comes again changes nothing of the first.
  const again = [...entries, command(1, { status: 'failed' })];
  for (const entry of [...entries, ...again]) await store.logbook.note(entry);
  await store.stop();
  const { store: later } = await openStore(t, { dataDir });
  const ask = (query: object): Promise<readonly LogbookEntry[]> => later.logbook.query({ ...all, ...query });
  assert.deepEqual(await ask({}), entries);
  assert.deepEqual(await ask({ kind: 'command', device: 'tank-1' }), [entries[0]]);
  assert.deepEqual(await ask({ name: 'dim' }), [entries[2]]);
  assert.deepEqual(await ask({ fromTs: 1002, toTs: 1003 }), [entries[1]]);
  assert.deepEqual(await ask({ limit: 1 }), [entries[2]]);
});

test('page after page all entries come once, those of one moment too, and none behind one that is gone', async (t) => {
  const { store, clock } = await openStore(t);
  const noted = Array.from({ length: 50 }, (_, n): LogbookEntry => ({
    ...{ kind: 'event', ts: Math.floor(n / 7), gateway: 'greenhouse', name: 'note' },
    detail: { n },
  }));
  for (const entry of noted) await store.logbook.note(entry);
  const pages: LogbookEntry[][] = [];
  let before: string | undefined;
  do {
    const asked = { from: 0, to: 1000, limit: 9, ...(before === undefined ? {} : { before }) };
    const { entries, next } = await answerLogbook(store.logbook, asked, clock);
    pages.unshift([...entries]);
    before = next;
  } while (before !== undefined);
  assert.deepEqual(pages.flat(), noted);
  assert.equal(pages.length, 6);
  const gone = { from: 0, to: 1000, before: 'of an entry that is gone' };
  const { entries, truncated } = await answerLogbook(store.logbook, gone, clock);
  assert.deepEqual([entries, truncated], [[], false]);
});

test('beyond its number and its age the oldest entries go', async (t) => {
  const { store, clock } = await openStore(t, { limits: { logbookRows: 3 }, retention: { keepMs: 1000 } });
  for (let n = 0; n < 5; n += 1) await store.logbook.note(command(clock.now() + n));
  const ids = async (): Promise<(string | undefined)[]> =>
    (await store.logbook.query({ ...all, toTs: 1e16 })).map((entry) =>
      entry.kind === 'command' ? entry.id : undefined,
    );
  assert.equal((await ids()).length, 3);
  await clock.advance(11_000);
  await store.history.prune();
  await store.logbook.note(command(clock.now()));
  assert.deepEqual(await ids(), [`c${String(clock.now())}`]);
});

test('what was there before the start counts as well', async (t) => {
  const limits = { logbookRows: 3 };
  const { store, dataDir } = await openStore(t, { limits });
  for (let n = 0; n < 3; n += 1) await store.logbook.note(command(n));
  await store.stop();
  const { store: later } = await openStore(t, { limits, dataDir });
  await later.logbook.note(command(3));
  const kept = await later.logbook.query(all);
  assert.deepEqual(
    kept.map(({ ts }) => ts),
    [1001, 1002, 1003],
  );
});

const mongo = await mongoDatabases();
test(
  'through a lost reply each entry is in its collection of MongoDB once, and stays here',
  { skip: mongo === undefined ? NO_MONGO : process.env['MONGODB_URI'] !== undefined },
  async (t) => {
    if (mongo !== undefined) await toMongo(t, mongo.server.host, mongo.newDatabase());
  },
);

async function toMongo(t: TestContext, host: string, database: string): Promise<void> {
  const proxy = new MongoProxy(host);
  await proxy.up();
  t.after(() => proxy.down());
  const { store } = await openStore(t);
  const log = new RecordingLog();
  const mongoStore = new MongoStore({
    uri: `mongodb://${proxy.host}/${database}?directConnection=true`,
    log,
    clock: new SystemClock(),
    retention: { keepMs: 1e15, owner: 'greenhouse' },
  });
  await mongoStore.start();
  t.after(() => mongoStore.stop());
  const entries = [command(1), event(2, { detail: { $a: { 'b.c': [1] } } }), command(3)];
  for (const entry of entries) await store.logbook.note(entry);
  proxy.fates.push('cut-after', 'cut-before');
  const clock = new SystemClock();
  const sink = new MongoLogbook(mongoStore);
  const delivery = new Delivery({
    outbox: store.logbook,
    store: sink,
    clock,
    log,
    firstPauseMs: 1,
    maxPauseMs: 20,
  });
  await delivery.start();
  t.after(() => delivery.stop(0));
  while ((await store.logbook.peek(1)).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const client = await MongoClient.connect(`mongodb://${host}/${database}`);
  t.after(() => client.close());
  // The one question for last night, as docs/mongodb.md has it.
  const lastNight = { device: 'tank-1', name: 'pump', ts: { $gte: new Date(1001) } };
  const commands = await client.db().collection('commands').find(lastNight).sort({ ts: 1 }).toArray();
  assert.deepEqual(commands[0], {
    _id: 'greenhouse/tank-1/pump/c1/1001' as never,
    ...{ ts: new Date(1001), gateway: 'greenhouse', device: 'tank-1', name: 'pump', id: 'c1' },
    ...{ status: 'done', args: { speed: 1 }, ms: 1.5, by: { client: 'node-red', user: 'anna' } },
  });
  assert.equal(commands.length, 2);
  assert.equal(await client.db().collection('events').countDocuments(), 1);
  assert.deepEqual(proxy.fates, []);
  assert.deepEqual(await store.logbook.query(all), entries);
}
