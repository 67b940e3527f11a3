// Transactions, kills and power cuts at random over the real file: what was promised is there, and nothing is invented.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Ahead } from '../../../../gateway/store/ahead/ahead.js';
import { openAhead, readAhead } from '../../../../gateway/store/file/open-ahead.js';
import type { AheadRow } from '../../../../gateway/store/ahead/row.js';
import type { IncomingSample } from '../../../../shared/sample.js';
import { smallDisk } from '../../../support/small-disk.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { plainSamples, rowsOf, samples } from './rows-of.js';

type Step =
  | {
      readonly do: 'commit' | 'roll back';
      readonly add: IncomingSample[];
      readonly lazily: boolean;
      readonly remove: number;
    }
  | { readonly do: 'flush' | 'kill' }
  | { readonly do: 'power cut'; readonly kept: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom('commit', 'commit', 'roll back'),
      add: fc.oneof(plainSamples, plainSamples, samples),
      lazily: fc.boolean(),
      remove: fc.nat(8),
    }),
    fc.record({ do: fc.constantFrom('flush', 'kill') }),
    fc.record({ do: fc.constant('power cut' as const), kept: fc.double({ min: 0, max: 1, noNaN: true }) }),
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
);

/** A few samples, so that it happens often. */
const EMPTY_FROM_BYTES = 300;

class World {
  readonly #path: string;
  #ahead: Ahead;
  #position = 1;
  /** All that were ever added, by position. */
  readonly #known = new Map<number, AheadRow>();
  /** Not removed; those of `#promised` no power cut may take. */
  #here = new Set<number>();
  #promised = new Set<number>();
  #onDisk = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
    writeFileSync(path, '');
    this.#ahead = openAhead(path, new Date(), EMPTY_FROM_BYTES).ahead;
  }

  run(step: Step): void {
    if ('add' in step) this.#transaction(step);
    else if ('kept' in step) this.#cutPower(step.kept);
    else if (step.do === 'flush') this.#flush();
    else this.#open(readFileSync(this.#path), this.#here);
    assert.deepEqual(
      [...this.#ahead.rows.values()].map(({ position }) => position),
      [...this.#here].sort((a, b) => a - b),
    );
  }

  #transaction({ do: how, add, lazily, remove }: Extract<Step, { add: unknown }>): void {
    const rows = rowsOf(add, this.#position);
    this.#position += rows.length;
    const removed = [...this.#here, ...rows.map(({ position }) => position)].slice(0, remove);
    for (const row of rows) {
      this.#known.set(row.position, row);
      this.#ahead.add(row, lazily);
    }
    this.#ahead.rows.remove(removed);
    this.#ahead.write();
    if (how === 'roll back') {
      this.#ahead.rolledBack();
      return;
    }
    if (!lazily && rows.length > 0) this.#noteSynced();
    const { ino } = statSync(this.#path);
    this.#ahead.committed();
    // Replaced as a whole, and that is on the disk.
    if (statSync(this.#path).ino !== ino) this.#noteSynced();
    for (const { position } of rows) {
      this.#here.add(position);
      if (!lazily) this.#promised.add(position);
    }
    for (const position of removed) {
      this.#here.delete(position);
      this.#promised.delete(position);
    }
  }

  #flush(): void {
    this.#ahead.sync();
    this.#noteSynced();
    this.#promised = new Set(this.#here);
  }

  #noteSynced(): void {
    assert.ok(this.#ahead.isSynced);
    this.#onDisk = readFileSync(this.#path);
  }

  /** Of what was written since the last flush some is on the disk, or the old end of an emptied file still is. */
  #cutPower(kept: number): void {
    const now = readFileSync(this.#path);
    const [less, more] = [this.#onDisk.length, now.length];
    const bytes = Math.min(less, more) + Math.floor(kept * Math.abs(more - less));
    const longer = more >= less ? now : this.#onDisk;
    this.#open(longer.subarray(0, bytes), undefined);
    const found = new Set([...this.#ahead.rows.values()].map(({ position }) => position));
    for (const position of this.#promised) assert.ok(found.has(position), `${String(position)} is lost`);
    this.#here = found;
  }

  #open(content: Buffer, expected: ReadonlySet<number> | undefined): void {
    this.#ahead.close();
    writeFileSync(this.#path, content);
    const opened = openAhead(this.#path, new Date(), EMPTY_FROM_BYTES);
    assert.equal(opened.setAside, undefined);
    this.#ahead = opened.ahead;
    const rows = [...this.#ahead.rows.values()];
    for (const row of rows) assert.equal(row.body, this.#known.get(row.position)?.body);
    if (expected !== undefined) assert.equal(rows.length, expected.size);
    this.#ahead.sync();
    this.#onDisk = readFileSync(this.#path);
  }

  close(): void {
    this.#ahead.close();
  }
}

test('over commits, rollbacks, kills and power cuts what was promised is there, and nothing else', async (t) => {
  const folder = await temporaryFolder(t);
  fc.assert(
    fc.property(steps, (given) => {
      const world = new World(join(folder, 'outbox.ahead'));
      try {
        for (const step of given) world.run(step);
      } finally {
        world.close();
      }
    }),
    { numRuns: 150 },
  );
});

test('a job that is taken back takes its own samples, and gives back those that it had removed, in their order', async (t) => {
  const { ahead } = openAhead(join(await temporaryFolder(t), 'outbox.ahead'), new Date());
  t.after(() => {
    ahead.close();
  });
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

test('a file that nobody needs any more is emptied, once that is worth a write', async (t) => {
  const path = join(await temporaryFolder(t), 'outbox.ahead');
  const { ahead } = openAhead(path, new Date());
  t.after(() => {
    ahead.close();
  });
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
});

test('what a full disk cuts off is taken back, and said whole when there is room', async (t) => {
  const disk = await smallDisk(t, 2);
  if ('missing' in disk) {
    t.skip(disk.missing);
    return;
  }
  const path = join(disk.folder, 'outbox.ahead');
  const { ahead } = openAhead(path, new Date());
  t.after(() => {
    ahead.close();
  });
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
});
