// What the broker writes down: that it comes back whatever ends the process, and that the file stays bounded.
import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerJournal } from '../../../../gateway/broker/journal/journal.js';
import { DEFAULT_LIMITS } from '../../../../gateway/broker/mqtt/limits.js';
import { MemoryPersistence } from '../../../../gateway/broker/sessions/memory-persistence.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';

interface Opened {
  readonly store: MemoryPersistence;
  readonly journal: BrokerJournal;
  readonly log: RecordingLog;
}

async function open(dataDir: string): Promise<Opened> {
  const log = new RecordingLog();
  const store = new MemoryPersistence({ limits: DEFAULT_LIMITS });
  const journal = new BrokerJournal({ dataDir, clock: new SystemClock(), log });
  await journal.start(store, (topic) => topic.startsWith('own/'));
  return { store, journal, log };
}

const retained = (topic: string, text: string) => ({
  cmd: 'publish',
  topic,
  payload: Buffer.from(text),
  qos: 1 as const,
  retain: true,
});

function kept({ store }: Opened): string[] {
  return [...store.retained.matching(['#'])].map(({ topic, payload }) => `${topic}=${payload.toString()}`);
}

void test('half an entry at the end, as a killed process leaves it, costs only itself', async (t) => {
  const dataDir = await temporaryFolder(t);
  const path = join(dataDir, 'broker.journal');
  const first = await open(dataDir);
  for (const text of ['1', '2', '3']) await first.store.storeRetained(retained(`a/${text}`, text));
  await first.journal.stop();
  const { size } = await stat(path);
  await truncate(path, size - 10);
  const second = await open(dataDir);
  assert.deepEqual(kept(second), ['a/1=1', 'a/2=2']);
  assert.equal(second.log.saying('damaged').length, 1);
  await second.journal.stop();
});

void test('an entry whose bytes changed is left out, those behind it are not', async (t) => {
  const dataDir = await temporaryFolder(t);
  const first = await open(dataDir);
  for (const topic of ['a', 'b']) await first.store.storeRetained(retained(topic, '1'));
  await first.journal.stop();
  const path = join(dataDir, 'broker.journal');
  const text = await readFile(path, 'utf8');
  // Still JSON, and a message: only its checksum tells.
  assert.equal(text.split('"topic":"a"').length, 2);
  await writeFile(path, text.replace('"topic":"a"', '"topic":"c"'));
  const second = await open(dataDir);
  assert.deepEqual(kept(second), ['b=1']);
  await second.journal.stop();
});

void test('a value that changes for ever keeps the file bounded, and the last one comes back', async (t) => {
  const dataDir = await temporaryFolder(t);
  const first = await open(dataDir);
  const text = 'x'.repeat(10_000);
  let largest = 0;
  for (let round = 0; round < 2000; round++) {
    await first.store.storeRetained(retained('a', `${text}${String(round)}`));
    if (round % 50 === 0) await until('the disk', () => first.journal.stats().bytes >= 0);
    largest = Math.max(largest, first.journal.stats().bytes);
  }
  await first.journal.stop();
  const { size } = await stat(join(dataDir, 'broker.journal'));
  assert.ok(size < 21_000_000 && largest < 21_000_000, `${String(size)} bytes`);
  assert.equal(first.journal.stats().dropped, 0);
  const second = await open(dataDir);
  assert.deepEqual(kept(second), [`a=${text}1999`]);
  await second.journal.stop();
});

void test('what the gateway says anew at every start is not written down', async (t) => {
  const dataDir = await temporaryFolder(t);
  const first = await open(dataDir);
  await first.store.storeRetained(retained('own/state', '1'));
  await first.store.storeRetained(retained('others', '1'));
  await first.journal.stop();
  const second = await open(dataDir);
  assert.deepEqual(kept(second), ['others=1']);
  await second.journal.stop();
});

void test('a data folder that cannot be written is one sentence', async () => {
  await assert.rejects(open('/proc/nowhere'), { code: 'data_unwritable' });
});

void test('a journal longer than the longest string there can be is read, and what is no entry left out', async (t) => {
  const dataDir = await temporaryFolder(t);
  const path = join(dataDir, 'broker.journal');
  const first = await open(dataDir);
  await first.store.storeRetained(retained('a', '1'));
  await first.journal.stop();
  const entries = await readFile(path);
  // A hole costs the disk nothing: 600 MB of zeros.
  await truncate(path, 600 * 1024 * 1024);
  await appendFile(path, Buffer.concat([Buffer.from('\n'), entries]));
  const second = await open(dataDir);
  assert.deepEqual(kept(second), ['a=1']);
  assert.equal(second.log.saying('damaged').length, 1);
  await second.journal.stop();
});

void test('a journal that cannot be read is set aside and said, and the start goes on', async (t) => {
  const dataDir = await temporaryFolder(t);
  // The disk gives an error for it: EISDIR here, EIO elsewhere.
  await mkdir(join(dataDir, 'broker.journal'));
  const opened = await open(dataDir);
  await opened.store.storeRetained(retained('a', '1'));
  const aside = opened.journal.stats().setAside ?? '';
  await opened.journal.stop();
  assert.equal(opened.log.saying('set aside').length, 1);
  const [journal, damaged] = (await readdir(dataDir)).sort();
  assert.equal(journal, 'broker.journal');
  assert.equal(join(dataDir, damaged ?? ''), aside);
  const second = await open(dataDir);
  assert.deepEqual(kept(second), ['a=1']);
  assert.equal(second.journal.stats().setAside, undefined);
  await second.journal.stop();
});
