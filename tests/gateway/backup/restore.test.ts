// A backup put back: all of it or nothing, what was there is kept, and what comes afterwards is taken for nothing older.
import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { dataContents } from '../../../gateway/backup/contents.js';
import { moveAll } from '../../../gateway/backup/in-place.js';
import { makeBackup } from '../../../gateway/backup/make.js';
import { restoreBackup, type RestorePlan } from '../../../gateway/backup/restore.js';
import { markRestore, refuseHalfRestored, unmarkRestore } from '../../../gateway/store/file/restore-mark.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { openStore, rejectedAs, sampleOf } from '../store/open-store.js';
import { handMade, QUIET } from './hand-made.js';

const CONFIG = { path: 'config/my.yaml', text: 'gateway: greenhouse\n' };
const ALL = { device: 'tank-1', fromTs: 0, toTs: 1e12, limit: 100 };

async function planOf(
  t: TestContext,
  archive: string,
  more: Partial<RestorePlan> = {},
): Promise<RestorePlan> {
  const folder = await temporaryFolder(t);
  const place = { dataDir: join(folder, 'data'), configFile: join(folder, 'new.yaml') };
  return { archive, ...place, force: false, nowTs: Date.UTC(2026, 10, 23), ...more };
}

test('what the configuration names has its place and mode, and what is there is kept aside, by --force alone', async (t) => {
  const key = { path: 'config/tls/key.pem', text: 'secret', said: { mode: 0o600 } };
  const outside = { path: 'elsewhere/2/ca.pem', text: 'ca', said: { mode: 0o644, from: '/nowhere/ca.pem' } };
  const archive = await handMade(t, [CONFIG, key, outside], { config: CONFIG.path });
  const plan = await planOf(t, archive);
  const folder = join(plan.dataDir, '..');
  await restoreBackup(plan, QUIET);
  assert.equal(await readFile(join(folder, 'new.yaml'), 'utf8'), CONFIG.text);
  assert.equal((await stat(join(folder, 'tls', 'key.pem'))).mode & 0o777, 0o600);
  assert.equal(await readFile(join(folder, 'elsewhere', '2', 'ca.pem'), 'utf8'), 'ca');
  assert.ok(!existsSync(plan.dataDir));

  await writeFile(join(folder, 'new.yaml'), 'mine');
  await assert.rejects(restoreBackup(plan, QUIET), rejectedAs('bad_argument'));
  assert.equal(await readFile(join(folder, 'new.yaml'), 'utf8'), 'mine');
  const { aside } = await restoreBackup({ ...plan, force: true }, QUIET);
  assert.equal(aside.length, 3);
  assert.equal(aside[0], join(folder, 'new.yaml.before-restore-2026-11-23T00-00-00Z'));
  assert.equal(await readFile(aside[0], 'utf8'), 'mine');
});

test('a damaged one changes nothing and leaves nothing behind, though its first files are sound', async (t) => {
  const damaged = { path: 'config/acl', text: 'x', said: { sha256: '0'.repeat(64) } };
  const plan = await planOf(t, await handMade(t, [CONFIG, damaged], { config: CONFIG.path }), {
    force: true,
  });
  const folder = join(plan.dataDir, '..');
  await writeFile(join(folder, 'new.yaml'), 'mine');
  await assert.rejects(restoreBackup(plan, QUIET), rejectedAs('bad_argument'));
  assert.deepEqual(await readdir(folder), ['new.yaml']);
  assert.equal(await readFile(join(folder, 'new.yaml'), 'utf8'), 'mine');
});

test('where one move fails, those before it are taken back', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  for (const name of ['a', 'b']) await writeFile(at(name), name);
  await mkdir(at('full'));
  await writeFile(join(at('full'), 'x'), '');
  let takenBack = 0;
  const moves = [
    { from: at('a'), to: at('a.aside') },
    { from: at('b'), to: at('a') },
    { from: at('a.aside'), to: at('full') },
  ];
  assert.throws(() => {
    moveAll(moves, () => (takenBack += 1));
  }, rejectedAs('data_unwritable'));
  assert.equal(takenBack, 1);
  assert.deepEqual([await readFile(at('a'), 'utf8'), await readFile(at('b'), 'utf8')], ['a', 'b']);
});

test('a folder whose restore was cut off starts nothing until it is done again', async (t) => {
  const dataDir = await temporaryFolder(t);
  refuseHalfRestored(dataDir);
  markRestore(dataDir);
  assert.throws(() => {
    refuseHalfRestored(dataDir);
  }, rejectedAs('store_failed'));
  const journal = { path: 'data/broker.journal', text: '' };
  await restoreBackup(await planOf(t, await handMade(t, [journal]), { dataDir }), QUIET);
  refuseHalfRestored(dataDir);
  unmarkRestore(dataDir);
});

test('what waits in a store keeps its identity, and no position that is given again is taken for an earlier one', async (t) => {
  const { identity: _, ...nameless } = sampleOf(1);
  const { store, dataDir } = await openStore(t);
  await store.outbox.append([nameless]);
  const archive = join(await temporaryFolder(t), 'b.tar.gz');
  const plan = { archive, about: { program: '0.1.0' }, nowTs: 0 };
  const { schema, files } = await makeBackup({ ...plan, sources: dataContents(dataDir) }, QUIET);
  assert.deepEqual([schema, files.length], [4, 1]);
  assert.deepEqual(await readdir(join(archive, '..')), ['b.tar.gz']);
  await store.outbox.append([{ ...nameless, ts: 2000 }]);
  const [kept, given] = await store.outbox.query(ALL);
  await assert.rejects(
    restoreBackup(await planOf(t, archive, { dataDir }), QUIET),
    rejectedAs('bad_argument'),
  );
  await store.stop();

  const target = await planOf(t, archive);
  await restoreBackup(target, QUIET);
  const again = (await openStore(t, { dataDir: target.dataDir })).store;
  assert.deepEqual(await again.outbox.query(ALL), [kept]);
  await again.outbox.append([{ ...nameless, ts: 2000 }]);
  const [, anew] = await again.outbox.query(ALL);
  assert.notEqual(anew?.boot, given?.boot);
});

test('a link that lies in the way is moved aside, and what it leads to stays', async (t) => {
  const plan = await planOf(t, await handMade(t, [CONFIG], { config: CONFIG.path }), { force: true });
  const folder = join(plan.dataDir, '..');
  await writeFile(join(folder, 'victim'), 'victim');
  await chmod(join(folder, 'victim'), 0o644);
  for (const name of ['new.yaml', 'new.yaml.restoring']) await symlink('victim', join(folder, name));
  await restoreBackup(plan, QUIET);
  assert.equal(await readFile(join(folder, 'victim'), 'utf8'), 'victim');
  assert.equal(await readFile(join(folder, 'new.yaml'), 'utf8'), CONFIG.text);
});
