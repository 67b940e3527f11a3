// The data folder is made where it can be, with all above it, and where it can't that is said at once.
import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDataFolder } from '../../../../gateway/store/file/data-folder.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

void test('folders are made as many as are missing, by several at once', async (t) => {
  const all = await temporaryFolder(t);
  for (let round = 0; round < 200; round += 1) {
    const folder = join(all, String(round), ...Array.from({ length: 10 }, () => 'd'));
    await Promise.all(Array.from({ length: 8 }, () => makeDataFolder(folder)));
    assert.ok((await stat(folder)).isDirectory());
    await makeDataFolder(folder);
  }
});

void test('where none can be made the start ends with that', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  const places = [file, join(file, 'below'), '/proc/x', '/proc/x/y', '/dev/null/x'];
  for (const place of places) await assert.rejects(makeDataFolder(place), { code: 'data_unwritable' }, place);
});
