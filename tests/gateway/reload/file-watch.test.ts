// A file is looked at once a second: what has changed and rests is told once, however it came there.
import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileMark, FileWatch } from '../../../gateway/reload/file-watch.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

interface Watched {
  readonly folder: string;
  readonly file: string;
  /** So many looks later: how often a change was told by now. */
  readonly looks: (count: number) => Promise<number>;
}

async function watched(
  t: TestContext,
  make: (folder: string, file: string) => Promise<void>,
): Promise<Watched> {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'my.yaml');
  await make(folder, file);
  const timers: (() => void)[] = [];
  let told = 0;
  const watch = new FileWatch({
    file,
    known: await fileMark(file),
    clock: {
      after: (_ms, look) => {
        timers.push(look);
        return () => timers.splice(0);
      },
    },
    onChange: () => {
      told += 1;
      return Promise.resolve();
    },
  });
  watch.start();
  t.after(() => {
    watch.stop();
  });
  const looks = async (count: number): Promise<number> => {
    for (let look = 0; look < count; look += 1) {
      const next = await until('the time of a look', () => timers.shift());
      next();
    }
    await until('the last look to end', () => timers.length > 0);
    return told;
  };
  return { folder, file, looks };
}

const write = async (_folder: string, file: string): Promise<void> => writeFile(file, 'a');

test('nothing is told of a file that stays, and one edit is told once, when it rests', async (t) => {
  const { file, looks } = await watched(t, write);
  assert.equal(await looks(3), 0);
  await writeFile(file, 'ab');
  assert.equal(await looks(1), 0);
  await writeFile(file, 'abc');
  assert.equal(await looks(1), 0);
  assert.equal(await looks(1), 1);
  assert.equal(await looks(3), 1);
});

test('a file that an editor renames into its place is another, also with the same text', async (t) => {
  const { folder, file, looks } = await watched(t, write);
  await writeFile(join(folder, 'new'), 'a');
  await rename(join(folder, 'new'), file);
  assert.equal(await looks(2), 1);
});

test('a file that is away for a look between two writes is not told of; one that stays away is', async (t) => {
  const { file, looks } = await watched(t, write);
  await rm(file);
  assert.equal(await looks(1), 0);
  await writeFile(file, 'b');
  assert.equal(await looks(2), 1);
  await rm(file);
  assert.equal(await looks(2), 2);
  await writeFile(file, 'c');
  assert.equal(await looks(2), 3);
});

test('a link that leads to another folder, as a mounted configuration is exchanged, is seen', async (t) => {
  const { folder, looks } = await watched(t, async (folder, file) => {
    for (const name of ['one', 'two']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'my.yaml'), name);
    }
    await symlink('one', join(folder, 'now'));
    await symlink(join('now', 'my.yaml'), file);
  });
  assert.equal(await looks(2), 0);
  await symlink('two', join(folder, 'next'));
  await rename(join(folder, 'next'), join(folder, 'now'));
  assert.equal(await looks(2), 1);
});
