import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineWriter, readLines } from '../../../../gateway/store/ahead/lines.js';
import type { AheadRow } from '../../../../gateway/store/ahead/row.js';
import { rowOfIncoming } from '../../../../gateway/store/rows/sample.js';
import { rowsOf, samples } from './rows-of.js';

/** A file that begins with them. */
function written(
  rows: readonly AheadRow[],
  generation = 5,
): { readonly writer: LineWriter; readonly text: string } {
  const writer = new LineWriter(0);
  return { writer, text: writer.begin(generation) + writer.rows(rows) };
}

/** Of a time with fractions that of its acceptance is only about right. */
function told(rows: readonly AheadRow[]): unknown[] {
  return rows.map(({ acceptedTs, ...row }) => (Number.isInteger(row.ts) ? { ...row, acceptedTs } : row));
}

test('every sample is read as it was written, whatever it is', () => {
  fc.assert(
    fc.property(samples, (given) => {
      const rows = rowsOf(given);
      const read = readLines(written(rows).text);
      assert.deepEqual(told(read.rows), told(rows));
      assert.equal(read.damaged, 0);
    }),
  );
});

test('one of a device that says the same again and again takes some forty bytes', () => {
  const rows = Array.from({ length: 1000 }, (_, seq) => ({
    ...rowOfIncoming({
      ...{ ts: 1_767_000_000_000 + seq * 1000, gateway: 'greenhouse', device: 'tank-1' },
      ...{ identity: { boot: 'mwsein4t-zjetj3', seq }, values: { level: 431 + (seq % 7) } },
    }),
    ...{ position: 1 + seq, acceptedTs: 1_767_000_000_002 + seq * 1000 },
  }));
  assert.ok(written(rows).text.length < 40_000);
});

test('what is gone is not read; what comes behind it goes on where the file ended', () => {
  fc.assert(
    fc.property(samples, samples, (given, later) => {
      const rows = rowsOf(given);
      const { writer, text } = written(rows);
      const gone = rows.length > 1 ? writer.gone([[2, rows.length]]) : '';
      const found = readLines(text + gone);
      assert.deepEqual(told(found.rows), told(rows.slice(0, 1)));
      const more = rowsOf(later, rows.length + 1);
      assert.deepEqual(
        told(readLines(text + gone + (found.writer?.rows(more) ?? '')).rows),
        told([...rows.slice(0, 1), ...more]),
      );
    }),
  );
});

test('cut off anywhere it says what was whole, and where that ends', () => {
  fc.assert(
    fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (given, where) => {
      const rows = rowsOf(given);
      const { text } = written(rows);
      const cut = text.slice(0, Math.floor(text.length * where));
      const { rows: read, wholeChars, damaged } = readLines(cut);
      assert.deepEqual(told(read), told(rows.slice(0, read.length)));
      assert.deepEqual([wholeChars, damaged], [cut.lastIndexOf('\n') + 1, 0]);
    }),
  );
});

test('one damaged character costs the line that it is in, or those of its series, and is noticed', () => {
  fc.assert(
    fc.property(samples, fc.nat(), (given, seed) => {
      const rows = rowsOf(given);
      const { text, writer } = written(rows);
      const begun = text.indexOf('\n') + 1;
      const whole = text + writer.rows(rowsOf([{ ts: 1, gateway: 'end', device: 'end', values: {} }], 1000));
      const at = begun + (seed % Math.max(1, text.length - begun));
      if (at >= text.length || whole[at] === '\n') return;
      const read = readLines(`${whole.slice(0, at)}${whole[at] === '#' ? '+' : '#'}${whole.slice(at + 1)}`);
      assert.ok(read.damaged > 0);
      const known = new Map(rows.map((row) => [row.position, row]));
      for (const row of read.rows.slice(0, -1)) {
        const its = known.get(row.position);
        assert.deepEqual(told([row]), told(its === undefined ? [] : [its]));
      }
      assert.equal(read.rows.at(-1)?.device, 'end');
    }),
  );
});

test('lines of the file before it was emptied are no lines of this one', () => {
  const rows = rowsOf(
    ['a', 'b', 'c'].map((boot, seq) => ({
      ...{ ts: 1000, gateway: 'g', device: 'tank-1', values: { n: seq } },
      identity: { boot, seq },
    })),
  );
  const before = written(rows, 1).text;
  const after = written(rows.slice(0, 1), 2).text;
  const mixed = after + before.slice(before.indexOf('\n', after.length) + 1);
  assert.deepEqual(told(readLines(mixed).rows), told(rows.slice(0, 1)));
});
