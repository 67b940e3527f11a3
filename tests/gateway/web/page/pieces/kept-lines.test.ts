// What the logbook gave and what happened since is one list without holes, however often it is asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goneOn, renewed, type KeptLines } from '../../../../../gateway/web/page/pieces/kept-lines.js';
import {
  joined,
  lineOfEntry,
  lineOfHappening,
  type Line,
} from '../../../../../gateway/web/page/pieces/line.js';

const line = (ts: number): Line => ({ kind: 'event', ts, gateway: 'g', name: 'device.online', device: 'd' });
const kept = (from: number, to: number, next?: string, sinceMs = 1): KeptLines => ({
  lines: Array.from({ length: from - to }, (_, index) => line(from - index)),
  ...{ next, sinceMs },
});
const timesOf = ({ lines }: KeptLines): number[] => lines.map(({ ts }) => ts);

test('asked again, the older pages stay where they hang together with the newest', () => {
  const known = kept(6, 0, 'zero');
  const again = renewed(known, kept(8, 4, 'four'));
  assert.deepEqual([timesOf(again), again.next], [[8, 7, 6, 5, 4, 3, 2, 1], 'zero']);
  const apart = renewed(known, kept(20, 16, 'sixteen'));
  assert.deepEqual([timesOf(apart), apart.next], [[20, 19, 18, 17], 'sixteen']);
  assert.deepEqual(
    timesOf(renewed(known, kept(8, 4, 'four', 2))),
    [8, 7, 6, 5],
    'another time is another list',
  );
});

test('an older page goes behind those that it was asked for, and nowhere else', () => {
  const before = kept(6, 4, 'four');
  assert.deepEqual(timesOf(goneOn(kept(8, 4, 'four'), before, kept(4, 2))), [8, 7, 6, 5, 4, 3]);
  const other = kept(20, 16, 'sixteen');
  assert.equal(goneOn(other, before, kept(4, 2)), other);
});

test('a list that is full does not go on, because what it dropped would be a hole', () => {
  const before = kept(5000, 3010, 'a');
  const full = goneOn(before, before, kept(3010, 2900, 'b'));
  assert.deepEqual([full.lines.length, full.next], [2000, undefined]);
});

test('two buses that go down in one millisecond are two lines, and each of them is one', () => {
  const events = ['north', 'south'].map((bus) => ({ type: 'bus.down', ts: 1, bus }) as const);
  const live = events.map((event) => lineOfHappening({ kind: 'event', gateway: 'g', event }));
  const entry = { kind: 'event', ts: 1, gateway: 'g', name: 'bus.down', detail: { bus: 'north' } } as const;
  assert.deepEqual(
    joined(live, [lineOfEntry(entry)]).map(({ bus }) => bus),
    ['south', 'north'],
  );
});
