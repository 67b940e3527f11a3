// The journal's file: written anew beside the old one while entries keep coming, and on a disk that is full.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerJournal } from '../../../../gateway/broker/journal/journal.js';
import { JournalFile } from '../../../../gateway/broker/journal/file.js';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/mqtt/limits.js';
import { MemoryPersistence } from '../../../../gateway/broker/sessions/memory-persistence.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { smallDisk } from '../../../support/small-disk.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';

const LONG = 'x'.repeat(1000);
const ENTRIES = 8000;

interface Rewritten {
  readonly file: JournalFile;
  readonly path: string;
}

/** Grown until it is written anew from `snapshot`; closed when that is done. */
async function rewritten(
  folder: string,
  snapshot: (file: JournalFile) => Iterable<unknown>,
): Promise<Rewritten> {
  const path = join(folder, 'broker.journal');
  let isFirst = true;
  const options = { path, clock: new SystemClock(), log: new RecordingLog() };
  const file: JournalFile = new JournalFile({
    ...options,
    snapshot: () => {
      if (!isFirst) return snapshot(file);
      isFirst = false;
      return [];
    },
  });
  await file.open();
  for (let index = 0; index < 5000; index++) file.append(`${String(index)} ${LONG}`);
  await until('the rewrite', () => file.stats().rewrites === 2);
  await file.close();
  return { file, path };
}

void test('while it is written anew others get their turn: no more than a chunk is made at once', async (t) => {
  let sinceTurn = 0;
  let most = 0;
  let isDone = false;
  const turn = (): void => {
    sinceTurn = 0;
    if (!isDone) setImmediate(turn);
  };
  turn();
  await rewritten(await temporaryFolder(t), function* () {
    for (let index = 0; index < ENTRIES; index++) {
      most = Math.max(most, ++sinceTurn);
      yield LONG;
    }
  });
  isDone = true;
  assert.ok(most > 0 && most <= 300, `${String(most)} KB of ${String(ENTRIES)} were made in one turn`);
});

void test('what comes meanwhile is in the old file at once, and in the new one behind the state', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'broker.journal');
  let old = '';
  await rewritten(folder, function* (file) {
    for (let index = 0; index < ENTRIES; index++) {
      if (index % 1000 === 0) file.append(`came ${String(index)}`);
      if (index === ENTRIES - 1) old = readFileSync(path, 'utf8');
      yield `state ${String(index)} ${LONG}`;
    }
  });
  assert.match(old, /came 0"/, 'a kill now would have lost it');
  const kept: unknown[] = [];
  for await (const entry of new JournalFile({
    ...{ path, clock: new SystemClock(), log: new RecordingLog() },
    snapshot: () => [],
  }).read())
    kept.push(entry);
  const words = kept.map((entry) => String(entry).split(' ').slice(0, 2).join(' '));
  const state = Array.from({ length: ENTRIES }, (_, index) => `state ${String(index)}`);
  const came = Array.from({ length: ENTRIES / 1000 }, (_, index) => `came ${String(index * 1000)}`);
  assert.deepEqual(words, [...state, ...came]);
  assert.deepEqual(await readdir(folder), ['broker.journal']);
});

function retained(topic: string, text: string) {
  return { cmd: 'publish', topic, payload: Buffer.from(text), qos: 1 as const, retain: true };
}

void test('a full disk is said once, counted, and made good by itself when there is room', async (t) => {
  const disk = await smallDisk(t, 2);
  if ('missing' in disk) {
    t.skip(disk.missing);
    return;
  }
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  const store = new MemoryPersistence({ limits: DEFAULT_LIMITS });
  const journal = new BrokerJournal({ dataDir: disk.folder, clock, log });
  await journal.start(store, () => false);
  await store.storeRetained(retained('before', '1'));
  await until('the disk', () => journal.stats().entries === 1);
  const filler = join(disk.folder, 'filler');
  await writeFile(filler, Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
  await store.storeRetained(retained('a', LONG.repeat(10)));
  const fault = await until('the fault', () => journal.stats().fault);
  assert.equal(fault.code, 'ENOSPC');
  assert.match(journal.ailment ?? '', /the disk is full/);
  for (const topic of ['b', 'c']) await store.storeRetained(retained(topic, '1'));
  assert.equal(journal.stats().dropped, 3);
  await clock.advance(10_000);
  await until('another try', () => clock.waiting > 0);
  assert.equal(log.saying('cannot be written').length, 1, 'said once');
  await rm(filler);
  await until('the retry', () => {
    void clock.advance(10_000);
    return journal.stats().fault === undefined;
  });
  assert.equal(journal.ailment, undefined);
  assert.equal(log.saying('written again').length, 1);
  await store.storeRetained(retained('after', '1'));
  await until('the disk', () => journal.stats().entries === 5);
  const text = await readFile(join(disk.folder, 'broker.journal'), 'utf8');
  for (const topic of ['before', 'a', 'b', 'c', 'after'])
    assert.ok(text.includes(`"topic":"${topic}"`), topic);
  await journal.stop();
});

void test('an entry of which one alone is more than may wait is written all the same', async (t) => {
  const path = join(await temporaryFolder(t), 'broker.journal');
  const kept: string[] = [];
  const options = { path, clock: new SystemClock(), log: new RecordingLog() };
  const file = new JournalFile({ ...options, snapshot: () => kept });
  await file.open();
  kept.push('x'.repeat(17 * 1024 * 1024));
  file.append(kept[0]);
  await file.close();
  assert.equal(file.stats().dropped, 0);
  const lengths: number[] = [];
  for await (const entry of file.read()) lengths.push(String(entry).length);
  assert.deepEqual(lengths, [17 * 1024 * 1024]);
});

void test('the largest message for as many sessions as there may be is one entry, which has room', async (t) => {
  const dataDir = await temporaryFolder(t);
  const store = new MemoryPersistence({ limits: DEFAULT_LIMITS });
  const options = { dataDir, clock: new SystemClock(), log: new RecordingLog() };
  const journal = new BrokerJournal(options);
  await journal.start(store, () => false);
  // Characters that JSON writes with six.
  const { maxSessions, maxClientIdBytes, maxPacketBytes } = DEFAULT_LIMITS;
  const receivers = Array.from({ length: maxSessions }, (_, index) => ({
    clientId: String(index).padEnd(maxClientIdBytes, '\u0001'),
    qos: 1 as const,
  }));
  const message = {
    cmd: 'publish',
    topic: 'a',
    qos: 1 as const,
    retain: false,
    brokerId: 'b',
    brokerCounter: 1,
  };
  store.outgoingEnqueueCombi(receivers, { ...message, payload: Buffer.alloc(maxPacketBytes) });
  await journal.stop();
  const again = new MemoryPersistence({ limits: DEFAULT_LIMITS });
  const reader = new BrokerJournal(options);
  await reader.start(again, () => false);
  assert.equal(again.stored().count, maxSessions);
  await reader.stop();
});
