import assert from 'node:assert/strict';
import { readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createLogger } from '../../../gateway/logging/logger.js';
import { LogFile } from '../../../gateway/logging/log-file.js';
import { FakeClock } from '../../support/fake-clock.js';
import { smallDisk } from '../../support/small-disk.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

async function opened(t: TestContext, maxBytes: number, maxFiles: number) {
  const folder = join(await temporaryFolder(t), 'data', 'logs');
  return { folder, file: LogFile.open({ folder, maxBytes, maxFiles }) };
}

/** The files, oldest first. */
async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

test('a line is on disk when write returns, so that a crash loses none', async (t) => {
  const { folder, file } = await opened(t, 10_000, 3);
  file.write('{"msg":"last words"}\n');
  assert.equal(await readFile(join(folder, 'gateway.1.log'), 'utf8'), '{"msg":"last words"}\n');
  file.close();
});

test('files rotate by size and only the newest are kept', async (t) => {
  const { folder, file } = await opened(t, 1_000, 3);
  for (let i = 0; i < 95; i += 1) {
    file.write(`${JSON.stringify({ i, filling: 'x'.repeat(80) })}\n`);
  }
  file.close();
  const names = await filesIn(folder);
  assert.deepEqual(names, ['gateway.8.log', 'gateway.9.log', 'gateway.10.log']);
  let last = '';
  for (const name of names) {
    assert.ok((await stat(join(folder, name))).size <= 1_100, name);
    last = await readFile(join(folder, name), 'utf8');
  }
  assert.match(last, /"i":94/);
});

test('a new start goes on in the newest file and still keeps the number of files', async (t) => {
  const { folder, file } = await opened(t, 200, 2);
  file.write(`${'a'.repeat(250)}\n`);
  file.close();
  for (let start = 0; start < 4; start += 1) {
    const again = LogFile.open({ folder, maxBytes: 200, maxFiles: 2 });
    again.write(`${'b'.repeat(250)}\n`);
    again.close();
  }
  assert.deepEqual(await filesIn(folder), ['gateway.5.log', 'gateway.6.log']);
});

test('a folder that cannot be made is data_unwritable, with the cause', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'taken'), '');
  const opening = createLogger({
    level: 'info',
    clock: new FakeClock(),
    style: 'json',
    file: { folder: join(folder, 'taken', 'logs'), maxBytes: 1_000, maxFiles: 2 },
  });
  await assert.rejects(opening, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'data_unwritable');
    assert.match(error.message, /taken/);
    assert.equal((error.cause as NodeJS.ErrnoException).code, 'ENOTDIR');
    return true;
  });
});

test('lines after close are counted as lost, and closing twice is fine', async (t) => {
  const { file } = await opened(t, 1_000, 2);
  file.close();
  file.close();
  file.write('too late\n');
  assert.equal(file.lostLines, 1);
});

test('a full disk neither throws nor grows: the reason is told, what waits is bounded, the rest is counted', async (t) => {
  const folder = await temporaryFolder(t);
  // /dev/full answers every write with ENOSPC.
  await symlink('/dev/full', join(folder, 'gateway.1.log'));
  const file = LogFile.open({ folder, maxBytes: 1_000_000, maxFiles: 2 });
  const line = `${'x'.repeat(100_000)}\n`;
  for (let i = 0; i < 20; i += 1) file.write(line);
  assert.equal((file.failure as NodeJS.ErrnoException | undefined)?.code, 'ENOSPC');
  assert.equal(file.lostLines, 10);
  file.close();
});

test('a disk that has room again gets all that waited, in order and in whole lines, over several files', async (t) => {
  const disk = await smallDisk(t, 1);
  if ('missing' in disk) {
    t.skip(disk.missing);
    return;
  }
  const folder = join(disk.folder, 'logs');
  const file = LogFile.open({ folder, maxBytes: 5_000, maxFiles: 99 });
  const ballast = join(disk.folder, 'ballast');
  await writeFile(ballast, Buffer.alloc(705_000));
  const lines = Array.from(
    { length: 30 },
    (_, i) => `${JSON.stringify({ i, filling: 'x'.repeat(20_000) })}\n`,
  );
  for (const line of lines.slice(0, 29)) file.write(line);
  assert.equal((file.failure as NodeJS.ErrnoException | undefined)?.code, 'ENOSPC');
  await rm(ballast);
  file.write(lines[29] ?? '');
  assert.deepEqual([file.failure, file.lostLines], [undefined, 0]);
  file.close();
  const names = await filesIn(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  assert.equal(texts.join(''), lines.join(''));
  assert.deepEqual(
    texts.slice(0, -1).map((text) => [text.length >= 5_000, text.endsWith('}\n')]),
    texts.slice(0, -1).map(() => [true, true]),
  );
});

test('files of other names and those that a smaller number leaves out: the first stay, the others go at the start', async (t) => {
  const folder = await temporaryFolder(t);
  const names = ['gateway.1.log', 'gateway.2.log', 'gateway.10.log', 'gateway.log', 'gateway.x.log'];
  for (const name of names) await writeFile(join(folder, name), 'x');
  LogFile.open({ folder, maxBytes: 1_000, maxFiles: 1 }).close();
  assert.deepEqual(await filesIn(folder), ['gateway.log', 'gateway.x.log', 'gateway.10.log']);
});
