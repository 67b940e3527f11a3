// What is believed of a file that calls itself a backup: nothing that its manifest does not vouch for.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, truncate, writeFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { headerOf, parseHeader } from '../../../gateway/backup/tar-header.js';
import { readBackup } from '../../../gateway/backup/read.js';
import { SCHEMA_VERSION } from '../../../gateway/store/file/migrations.js';
import { rejectedAs } from '../store/open-store.js';
import { handMade, member, QUIET, type Made } from './hand-made.js';

const CONFIG: Made = { path: 'config/my.yaml', text: 'gateway: greenhouse\n' };
const JOURNAL: Made = { path: 'data/broker.journal', text: 'x'.repeat(200_000) };

test('a sound one is read, and tar knows it too', async (t) => {
  const archive = await handMade(t, [CONFIG, JOURNAL], { config: CONFIG.path });
  const { files } = await readBackup(archive, QUIET);
  assert.deepEqual(
    files.map(({ path }) => path),
    [CONFIG.path, JOURNAL.path],
  );
  const listed = execFileSync('tar', ['tzf', archive], { encoding: 'utf8' });
  assert.deepEqual(listed.trim().split('\n'), ['manifest.json', CONFIG.path, JOURNAL.path]);
  assert.equal((await stat(archive)).mode & 0o777, 0o600);
});

test('a path that leads out of it, or to a file of no backup, is refused before anything is read', async (t) => {
  for (const path of [
    '../my.yaml',
    'config/../../etc/passwd',
    '/etc/passwd',
    'config//etc/passwd',
    'config/./a',
    'config',
    'config/',
    'config/a\\b',
    'data/lock.sqlite',
    'data/logs/gateway.1.log',
    'home/a',
  ])
    await assert.rejects(
      readBackup(await handMade(t, [{ ...CONFIG, path }]), QUIET),
      rejectedAs('bad_argument'),
      path,
    );
});

test('of a newer program or with a newer store it is refused, and the sentence says so', async (t) => {
  for (const about of [{ version: 2 }, { schema: SCHEMA_VERSION + 1 }])
    await assert.rejects(readBackup(await handMade(t, [CONFIG], about), QUIET), {
      code: 'store_failed',
      message: /made by a newer version of the gateway\. Update this one; nothing was changed\.$/,
    });
});

test('a byte that changed, a size, a lacking, a strange and a doubled member are each refused', async (t) => {
  const said = (what: object): Made => ({ ...CONFIG, said: { ...what } });
  const wrong = [
    await handMade(t, [said({ sha256: '0'.repeat(64) })]),
    await handMade(t, [said({ bytes: 1 })]),
    await handMade(t, [said({ member: 'config/other' })]),
    await handMade(t, [CONFIG], {}, [member('config/strange', '')]),
    await handMade(t, [CONFIG], {}, [member(CONFIG.path, CONFIG.text)]),
    await handMade(t, [CONFIG, CONFIG]),
    await handMade(t, [CONFIG], { config: 'config/other.yaml' }),
    await handMade(t, [CONFIG, { ...JOURNAL, isAbsent: true }]),
    await handMade(t, []),
  ];
  for (const [index, archive] of wrong.entries())
    await assert.rejects(readBackup(archive, QUIET), rejectedAs('bad_argument'), String(index));
});

test('one that is cut short, damaged on the way or packed with links is refused', async (t) => {
  const empty = { path: 'config/empty', text: '' };
  const archive = await handMade(t, [CONFIG, JOURNAL, empty]);
  const plain = gunzipSync(await readFile(archive));
  const other = join(dirname(archive), 'other.tar.gz');
  const link = headerOf({ name: empty.path, bytes: 0, mode: 0o777 }, 0);
  link.write('2', 156, 'latin1');
  // The checksum is of what was there before: it is one more for the link than for the file, twice.
  link.write(
    `${(Number.parseInt(link.toString('latin1', 148, 155), 8) + 2).toString(8).padStart(7, '0')}\0`,
    148,
  );
  const at = plain.lastIndexOf(empty.path);
  const linked = Buffer.concat([plain.subarray(0, at), link, plain.subarray(at + 512)]);
  for (const text of [plain.subarray(0, 3000), plain.subarray(0, 100), linked]) {
    await writeFile(other, gzipSync(text));
    await assert.rejects(readBackup(other, QUIET), rejectedAs('bad_argument'));
  }
  await truncate(archive, (await stat(archive)).size - 4);
  await assert.rejects(readBackup(archive, QUIET), rejectedAs('bad_argument'));
});

test('a header holds sizes beyond what octal digits do', () => {
  for (const bytes of [0, 511, 8 ** 11 - 1, 8 ** 11, 2 ** 45]) {
    const made = { name: 'data/store.sqlite', bytes, mode: 0o600 };
    assert.deepEqual(parseHeader(headerOf(made, 1_000)), made);
  }
});
