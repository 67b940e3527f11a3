// Transactions, kills and power cuts at random over the real file: what was promised is there, and nothing is invented.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Ahead } from '../../../../gateway/store/ahead/ahead.js';
import type { AheadRow } from '../../../../gateway/store/ahead/row.js';
import { openAhead } from '../../../../gateway/store/file/open-ahead.js';
import type { IncomingSample } from '../../../../shared/sample.js';
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
  /** By a file of which all is on the disk but its name. */
  #isReplaced = false;

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
    this.#isReplaced ||= statSync(this.#path).ino !== ino;
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
    this.#isReplaced = false;
  }

  /** Of what was written since the last flush some is on the disk, or the old end of an emptied file still is. */
  #cutPower(kept: number): void {
    const now = readFileSync(this.#path);
    if (this.#isReplaced) {
      this.#openAfterCut(kept < 0.5 ? this.#onDisk : now);
      return;
    }
    const [less, more] = [this.#onDisk.length, now.length];
    const bytes = Math.min(less, more) + Math.floor(kept * Math.abs(more - less));
    const longer = more >= less ? now : this.#onDisk;
    this.#openAfterCut(longer.subarray(0, bytes));
  }

  #openAfterCut(content: Buffer): void {
    this.#open(content, undefined);
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
    this.#isReplaced = false;
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
