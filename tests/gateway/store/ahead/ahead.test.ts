import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AheadRow } from '../../../../gateway/store/ahead/row.js';
import { openAhead, readAhead } from '../../../../gateway/store/file/open-ahead.js';
import { smallDisk } from '../../../support/small-disk.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { rowsOf } from './rows-of.js';

test('a job that is taken back takes its own samples, and gives back those that it had removed, in their order', async (t) => {
  const { ahead } = openAhead(join(await temporaryFolder(t), 'outbox.ahead'), new Date());
  const [one, two, three] = rowsOf(
    [1, 2, 3].map((n) => ({ ts: n, gateway: 'g', device: 'tank-1', values: { n } })),
  );
  assert.ok(one && two && three);
  ahead.add(one, true);
  ahead.write();
  ahead.committed();
  ahead.add(two, true);
  const mark = ahead.mark();
  ahead.add(three, true);
  ahead.rows.remove([1, 3]);
  ahead.takeBack(mark);
  assert.deepEqual([...ahead.rows.values()], [one, two]);
  ahead.close();
});

test('a damaged file is set aside, and what can be read of it is kept', async (t) => {
  const path = join(await temporaryFolder(t), 'outbox.ahead');
  const rows = rowsOf(
    Array.from({ length: 20 }, (_, n) => ({ ts: n, gateway: 'g', device: 'tank-1', values: { n } })),
  );
  const first = openAhead(path, new Date()).ahead;
  for (const row of rows) first.add(row, false);
  first.write();
  first.committed();
  first.close();
  const text = readFileSync(path, 'utf8');
  const at = text.indexOf('[7]');
  writeFileSync(path, `${text.slice(0, at)}[8]${text.slice(at + 3)}`);
  const opened = openAhead(path, new Date(0));
  assert.equal(opened.setAside, `${path}.damaged-1970-01-01T00-00-00Z`);
  assert.deepEqual(
    [...opened.ahead.rows.values()].map(({ position }) => position),
    rows.map(({ position }) => position).filter((position) => position !== 8),
  );
  opened.ahead.close();
  assert.equal(openAhead(path, new Date()).setAside, undefined);
});

const plainRows = (from: number, count: number, device = 'tank-1', text = ''): AheadRow[] =>
  rowsOf(
    Array.from({ length: count }, (_, n) => ({ ts: n, gateway: 'g', device, values: { n, text } })),
    from,
  );

test('on a full disk a damaged file stays where it is, for a start that has room', async (t) => {
  const disk = await smallDisk(t, 2);
  if ('missing' in disk) {
    t.skip(disk.missing);
    return;
  }
  const path = join(disk.folder, 'outbox.ahead');
  const first = openAhead(path, new Date()).ahead;
  for (const row of plainRows(1, 100, 'tank-1', 'x'.repeat(5000))) first.add(row, false);
  first.write();
  first.committed();
  first.close();
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, `${text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)}#${text.slice(-20)}`);
  const other = join(disk.folder, 'other');
  assert.throws(() => {
    writeFileSync(other, Buffer.alloc(2 * 1024 * 1024, 1));
  });
  assert.throws(() => openAhead(path, new Date()), { code: 'ENOSPC' });
  rmSync(other);
  const { ahead, setAside } = openAhead(path, new Date());
  assert.ok(setAside !== undefined);
  assert.equal(ahead.rows.size, 99);
  ahead.close();
  assert.equal(openAhead(path, new Date()).ahead.rows.size, 99);
});

test('large samples that wait are not written again and again beside what passes', async (t) => {
  const path = join(await temporaryFolder(t), 'outbox.ahead');
  const { ahead } = openAhead(path, new Date());
  for (const row of plainRows(1, 200, 'held', 'x'.repeat(1000))) ahead.add(row, true);
  ahead.write();
  ahead.committed();
  const { ino } = statSync(path);
  for (let position = 201; position < 260; position += 1) {
    for (const row of plainRows(position, 1)) ahead.add(row, true);
    ahead.write();
    ahead.committed();
    ahead.rows.remove([position]);
    ahead.write();
    ahead.committed();
  }
  assert.equal(statSync(path).ino, ino);
  assert.equal(readAhead(path, 'store').length, 200);
  ahead.close();
});

test('a file that nobody needs any more is emptied, once that is worth a write', async (t) => {
  const path = join(await temporaryFolder(t), 'outbox.ahead');
  const { ahead } = openAhead(path, new Date());
  const of = (from: number, count: number): AheadRow[] =>
    rowsOf(
      Array.from({ length: count }, (_, n) => ({ ts: n, gateway: 'g', device: 'tank-1', values: { n } })),
      from,
    );
  const passed = (rows: readonly AheadRow[]): number => {
    for (const row of rows) ahead.add(row, true);
    ahead.write();
    ahead.committed();
    ahead.rows.remove(rows.map(({ position }) => position));
    ahead.write();
    ahead.committed();
    return readFileSync(path).length;
  };
  assert.ok(passed(of(1, 100)) > 0);
  assert.equal(passed(of(101, 4000)), 0);
  const [last] = of(4101, 1);
  assert.ok(last);
  ahead.add(last, true);
  ahead.write();
  ahead.committed();
  assert.deepEqual([...openAhead(path, new Date()).ahead.rows.values()], [last]);
  ahead.close();
});

test('what a full disk cuts off is taken back, and said whole when there is room', async (t) => {
  const disk = await smallDisk(t, 2);
  if ('missing' in disk) {
    t.skip(disk.missing);
    return;
  }
  const path = join(disk.folder, 'outbox.ahead');
  const { ahead } = openAhead(path, new Date());
  const other = join(disk.folder, 'other');
  const text = 'x'.repeat(300_000);
  const row = (position: number): AheadRow[] =>
    rowsOf([{ ts: 1, gateway: 'g', device: `tank-${String(position)}`, values: { text } }], position);
  let position = 1;
  writeFileSync(other, Buffer.alloc(1024 * 1024, 1));
  for (; position < 20; position += 1) {
    for (const one of row(position)) ahead.add(one, true);
    try {
      ahead.write();
    } catch (thrown) {
      assert.equal((thrown as NodeJS.ErrnoException).code, 'ENOSPC');
      // As where they go into the table instead.
      ahead.rows.remove([position]);
      ahead.committed();
      break;
    }
    ahead.committed();
  }
  assert.ok(position > 1 && position < 20, String(position));
  assert.equal(readAhead(path, 'store').length, position - 1);
  assert.equal(readFileSync(path).at(-1), 10);
  rmSync(other);
  for (const one of row(position)) ahead.add(one, true);
  ahead.write();
  ahead.committed();
  assert.equal(readAhead(path, 'store').at(-1)?.device, `tank-${String(position)}`);
  assert.equal(readAhead(path, 'store').length, position);
  ahead.close();
});
