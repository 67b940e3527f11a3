import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { openStoreFile, storePath } from '../../../../gateway/store/file/store.js';
import { idKey, ownKey, type IncomingCommand, type Moment } from '../../../../shared/command-journal.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore, rejectedAs } from '../open-store.js';

const AT: Moment = { ts: 1_767_000_000_000, synchronised: true, machine: 'm', uptimeMs: 1000 };

function command(id: string, more: Partial<IncomingCommand> = {}): IncomingCommand {
  return {
    ...{ key: idKey(id), meaning: { device: 'tank-1', name: 'pump', asked: '80' } },
    ...{ at: AT, boot: 'first', begun: false, body: '{}', ...more },
  };
}

const later = (ms: number): Moment => ({ ...AT, ts: AT.ts + ms, uptimeMs: AT.uptimeMs + ms });

test('an id is new once, then known, then answered, also after a restart', async (t) => {
  const { store } = await openStore(t);
  const { journal } = store;
  assert.equal((await journal.accept(command('a1'))).state, 'new');
  assert.deepEqual(await journal.accept(command('a1')), { state: 'known', key: '=a1' });
  assert.ok((await journal.finish('=a1', '{"status":"done"}', false)) > 0);
  await store.stop();
  await store.start();
  const known = { state: 'known', key: '=a1', reply: '{"status":"done"}' };
  assert.deepEqual(await journal.accept(command('a1', { at: later(600_000) })), known);
  assert.equal((await journal.accept(command('a1', { at: later(600_001) }))).state, 'new');
});

test('of two that accept the same command at once one gets it', async (t) => {
  const { store } = await openStore(t);
  const memories = await Promise.all([
    store.journal.accept(command('k')),
    store.journal.accept(command('k')),
  ]);
  assert.deepEqual(
    memories.map(({ state }) => state),
    ['new', 'known'],
  );
});

test('an id of another command, device or other arguments is told with whose it is', async (t) => {
  const { store } = await openStore(t);
  const { journal } = store;
  await journal.accept(command('a1'));
  for (const meaning of [
    { device: 'tank-1', name: 'pump', asked: '0' },
    { device: 'tank-1', name: 'stop', asked: '80' },
    { device: 'tank-2', name: 'pump', asked: '80' },
  ])
    assert.deepEqual(await journal.accept(command('a1', { meaning })), {
      ...{ state: 'reused', device: 'tank-1', name: 'pump' },
    });
});

test('a redelivered message is known without an id, and after any time; another of that place is not', async (t) => {
  const { store } = await openStore(t);
  const { journal } = store;
  const place = '7/web';
  const nameless = { delivery: { place, again: false } };
  await journal.accept(command('made-1', nameless));
  await journal.finish('=made-1', '{"status":"rejected"}', true);
  const again = { delivery: { place, again: true }, at: later(9_000_000) };
  const found = await journal.accept(command('made-2', again));
  assert.deepEqual(found, { state: 'known', key: '=made-1', reply: '{"status":"rejected"}' });
  const other = { delivery: { place: '7/other', again: true } };
  assert.equal((await journal.accept(command('made-3', other))).state, 'new');
  assert.equal((await journal.accept(command('made-4', nameless))).state, 'new');
});

test('what never ran gives its id free, and its answer stays until it is told', async (t) => {
  const { store } = await openStore(t);
  const { journal } = store;
  await journal.accept(command('a1'));
  const position = await journal.finish('=a1', 'first answer', true);
  assert.equal((await journal.accept(command('a1'))).state, 'new');
  await journal.finish('=a1', 'second answer', false);
  const replies = (await journal.unsaid(0, 10)).map(({ reply }) => reply);
  assert.deepEqual(replies, ['first answer', 'second answer']);
  await journal.said([position]);
  assert.deepEqual(
    (await journal.unsaid(0, 10)).map(({ reply }) => reply),
    ['second answer'],
  );
});

test('what another process left is told in its order, with what had begun', async (t) => {
  const { store } = await openStore(t);
  const { journal } = store;
  for (const id of ['a', 'b', 'c', 'd']) await journal.accept(command(id, { begun: id === 'a' }));
  await journal.begin(['=c']);
  await journal.finish('=d', 'answered', false);
  await journal.accept(command('own', { boot: 'second' }));
  const left = await journal.left('second', 0, 10);
  assert.deepEqual(
    left.map(({ key, begun }) => [key, begun]),
    [
      ['=a', true],
      ['=b', false],
      ['=c', true],
    ],
  );
  assert.deepEqual((await journal.left('second', left[0]?.position ?? 0, 1))[0]?.key, '=b');
});

test('beyond its rows the oldest that are told go, then what could not be told, and never what is open', async (t) => {
  const { store } = await openStore(t, { limits: { commands: 3 } });
  const { journal } = store;
  const place = async (id: string): Promise<number> => {
    await journal.accept(command(id));
    return journal.finish(idKey(id), 'answer', false);
  };
  await place('untold');
  await journal.said([await place('told')]);
  await journal.accept(command('open-1'));
  await journal.accept(command('open-2'));
  assert.equal((await journal.accept(command('untold'))).state, 'known');
  await journal.accept(command('open-3'));
  assert.deepEqual(await journal.unsaid(0, 10), []);
  assert.equal((await journal.stats()).forgottenAnswers, 1);
  await assert.rejects(journal.accept(command('open-4')), rejectedAs('queue_full'));
  assert.equal((await journal.left('second', 0, 10)).length, 3);
});

test('it is bounded by its characters too, and counts them to the letter', async (t) => {
  const { store } = await openStore(t, { limits: { commandChars: 20_000 } });
  const { journal } = store;
  for (let n = 0; n < 100; n += 1) {
    const key = ownKey(String(n));
    await journal.accept(command('', { key, body: '', reply: 'x'.repeat(1000) }));
  }
  const { rows, chars, forgottenAnswers } = await journal.stats();
  assert.ok(
    chars <= 22_000 && rows + forgottenAnswers === 100,
    `${String(rows)} rows, ${String(chars)} chars`,
  );
  await journal.accept(command('a', { body: 'x'.repeat(500) }));
  await journal.finish('=a', 'done', false);
  const before = await journal.stats();
  await store.stop();
  await store.start();
  assert.deepEqual({ ...(await journal.stats()), forgottenAnswers }, { ...before, forgottenAnswers });
});

test('the journal of the version before becomes this one: its answers are kept, what it cut off is interrupted', async (t) => {
  const dataDir = await temporaryFolder(t);
  const engine = await loadSqlite();
  const { database } = openStoreFile(engine, storePath(dataDir));
  // As that version made it.
  database.exec(`
    DROP TABLE journal;
    CREATE TABLE commands (
      position INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, boot TEXT NOT NULL, reply TEXT
    );
    INSERT INTO commands (key, boot, reply) VALUES
      ('tank-1/pump/a1', 'b', '{"id":"a1","status":"done","ts":${String(AT.ts)},"ms":1}'),
      ('tank-1/pump/a/b', 'b', '{"id":"a/b","status":"done","ts":${String(AT.ts)},"ms":2}'),
      ('lamp-1/dim/a1', 'b', '{"id":"a1","status":"failed","ts":${String(AT.ts)},"ms":3}'),
      ('tank-1/pump/cut', 'b', NULL)
  `);
  database.close();
  const { store } = await openStore(t, { dataDir });
  const ask = (id: string, device: string, name: string): Promise<{ state: string; reply?: string }> =>
    store.journal.accept(command(id, { meaning: { device, name, asked: 'anything' } }));
  assert.match((await ask('a1', 'lamp-1', 'dim')).reply ?? '', /"ms":3/);
  assert.equal((await ask('a1', 'tank-1', 'pump')).state, 'reused');
  assert.match((await ask('a/b', 'tank-1', 'pump')).reply ?? '', /"ms":2/);
  assert.match((await ask('cut', 'tank-1', 'pump')).reply ?? '', /"failed".*"interrupted"/);
  // Nobody is told of them at the start.
  assert.deepEqual(await store.journal.unsaid(0, 10), []);
  assert.deepEqual(await store.journal.left('other', 0, 10), []);
});
