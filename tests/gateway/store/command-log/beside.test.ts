// The newest commands lie beside the store's file: who reads it, copies it, finds it damaged or finds no room for it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { foldAhead, readAheadOf } from '../../../../gateway/store/shell/fold-ahead.js';
import { openStoreFileToRead, storePath } from '../../../../gateway/store/file/store.js';
import { readLocalLogbook } from '../../../../gateway/store/shell/reader.js';
import { copyFile } from '../../../../gateway/store/sqlite/copy.js';
import { loadSqlite } from '../../../../gateway/store/sqlite/load.js';
import { idKey, type IncomingCommand } from '../../../../shared/command-journal.js';
import type { CommandEntry, LogbookQuery } from '../../../../shared/logbook.js';
import { smallDisk } from '../../../support/small-disk.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openStore } from '../open-store.js';

const everything: LogbookQuery = { fromTs: 0, toTs: Number.MAX_SAFE_INTEGER, limit: 10 };

function command(id: string, body = '{}'): IncomingCommand {
  return {
    ...{ key: idKey(id), meaning: { device: 'tank-1', name: 'pump', asked: id }, boot: 'first', begun: true },
    ...{ at: { ts: 1000, synchronised: true, machine: 'm', uptimeMs: 1 }, body },
  };
}

function lineOf(id: string, ts: number): CommandEntry {
  return { kind: 'command', ts, gateway: 'g', device: 'tank-1', name: 'pump', id, status: 'done', ms: 1 };
}

const ids = (entries: readonly unknown[]): string[] => entries.map((entry) => (entry as CommandEntry).id);

test('the shell finds the line of a command that no table has yet, where it asks for such', async (t) => {
  const { store, dataDir } = await openStore(t);
  await store.logbook.note(lineOf('a', 1000));
  await store.logbook.query(everything);
  await store.logbook.note(lineOf('b', 2000));
  await store.logbook.note(lineOf('c', 3000));
  const asked = async (query: Partial<LogbookQuery>): Promise<string[]> =>
    ids(await readLocalLogbook(dataDir, { ...everything, ...query }));
  assert.deepEqual(await asked({}), ['a', 'b', 'c']);
  assert.deepEqual(await asked({ limit: 2 }), ['b', 'c']);
  assert.deepEqual(await asked({ toTs: 3000 }), ['a', 'b']);
  assert.deepEqual(await asked({ device: 'tank-2' }), []);
  assert.deepEqual(await asked({ before: 'g/tank-1/pump/c/3000' }), ['a', 'b']);
  await store.stop();
  assert.deepEqual(await asked({}), ['a', 'b', 'c']);
});

test('a copy of the store has them, each once', async (t) => {
  const { store, dataDir } = await openStore(t);
  await store.journal.accept(command('moved'));
  await store.journal.stats();
  await store.journal.accept(command('ahead'));
  await store.journal.finish('=moved', 'answer', false);
  const engine = await loadSqlite();
  const copy = join(await temporaryFolder(t), 'copy.sqlite');
  const ahead = readAheadOf(storePath(dataDir));
  copyFile(engine, storePath(dataDir), copy);
  foldAhead(engine, copy, ahead);
  foldAhead(engine, copy, ahead);
  const { database } = openStoreFileToRead(engine, copy);
  const rows = database.prepare('SELECT key, reply FROM journal ORDER BY position').all();
  database.close();
  assert.deepEqual(
    rows.map((row) => [row['key'], row['reply']]),
    [
      ['=moved', 'answer'],
      ['=ahead', null],
    ],
  );
});

test('a damaged line is set aside with its file, and what else is in it is kept', async (t) => {
  const first = await openStore(t);
  for (const id of ['a', 'b', 'c']) await first.store.journal.accept(command(id));
  const text = readFileSync(join(first.dataDir, 'commands.ahead'), 'utf8');
  await first.store.stop();
  const path = join(first.dataDir, 'commands.ahead');
  // As the file was, in a folder whose tables know nothing of it.
  rmSync(storePath(first.dataDir));
  writeFileSync(path, text.replace('=b', '=x'));
  const { store, log } = await openStore(t, { dataDir: first.dataDir });
  const left = await store.journal.left('second', 0, 10);
  assert.deepEqual(
    left.map(({ key }) => key),
    ['=a', '=c'],
  );
  const said = log.lines.find(({ message }) => message.includes('commands was damaged'));
  assert.ok(existsSync(String(said?.fields['setAside'])));
});

test('where the file takes nothing the tables do, which have room kept free', async (t) => {
  const disk = await smallDisk(t, 24);
  if ('missing' in disk) {
    t.skip(disk.missing);
    return;
  }
  const limits = { minFreeBytes: 0, ballastBytes: 5 * 1024 * 1024 };
  const { store } = await openStore(t, { dataDir: disk.folder, limits });
  assert.equal((await store.outbox.stats()).disk.ballast, true);
  assert.throws(() => {
    writeFileSync(join(disk.folder, 'full'), Buffer.alloc(24 * 1024 * 1024, 1));
  });
  for (let n = 0; n < 40; n += 1) {
    const id = `c-${String(n)}`;
    assert.equal((await store.journal.accept(command(id, 'x'.repeat(5000)))).state, 'new');
    assert.ok((await store.journal.finish(idKey(id), 'answer', false)) > 0);
  }
  assert.equal((await store.journal.unsaid(0, 100)).length, 40);
  assert.equal((await store.outbox.stats()).disk.ballast, false);
});
