// From, to and last of the history and of the logbook.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeOf, type AskedRange } from '../../../bridge/payload/asked-range.js';
import { parseHistoryQuery } from '../../../bridge/history/request.js';
import { parseLogbookQuery } from '../../../bridge/logbook/request.js';

const NOW = Date.UTC(2026, 10, 27, 10);
const range = (asked: AskedRange): [number, number] => {
  const { fromTs, toTs } = rangeOf(asked, { now: NOW, otherwise: '1h' });
  return [fromTs, toTs];
};

void test('a range is what was asked for, in either spelling', () => {
  assert.deepEqual(range({}), [NOW + 1 - 3_600_000, NOW + 1]);
  assert.deepEqual(range({ last: '10m' }), [NOW + 1 - 600_000, NOW + 1]);
  assert.deepEqual(range({ from: '2026-11-27T08:00Z', to: '2026-11-27T09:00Z' }), [
    NOW - 7_200_000,
    NOW - 3_600_000,
  ]);
  assert.deepEqual(range({ from: 0 }), [0, NOW + 1]);
  assert.deepEqual(range({ last: '1h', to: NOW - 5 }), [NOW - 5 - 3_600_000, NOW - 5]);
  // Another machine's clock is a little ahead: that is no mistake.
  assert.deepEqual(range({ from: NOW + 1000 }), [NOW + 1000, NOW + 1001]);
});

void test('what can only be a mistake is refused in words', () => {
  const cases: readonly (readonly [AskedRange, RegExp])[] = [
    [{ from: NOW, to: NOW - 1 }, /^from \(2026-11-27T10:00:00\.000Z\) is not before to \(/],
    [{ from: NOW, to: NOW }, /is not before to/],
    [{ from: NOW + 3_600_000 }, /lies after now/],
    [{ from: 1_767_000_000 }, /^from: 1767000000 looks like seconds: multiply by 1000/],
    [{ to: 1.767e15 }, /^to: 1767000000000000 looks like microseconds/],
    [{ from: '10/11/2026' }, /^from: it is a time such as 2026-11-22/],
    [{ from: '2026-02-30' }, /^from: there is no day 2026-02-30/],
    [{ from: NOW - 5, last: '1h' }, /two beginnings/],
    [{ last: '1 hour' }, /^last: a duration is .*; write 1h, not "1 hour"/],
    [{ last: '0s' }, /^last: is more than nothing/],
  ];
  for (const [asked, message] of cases) {
    assert.throws(() => range(asked), { code: 'bad_payload', message });
    assert.throws(() => parseHistoryQuery({ device: 'tank-1', ...asked }, NOW), {
      code: 'bad_payload',
      message,
    });
    assert.throws(() => parseLogbookQuery(asked, NOW), { code: 'bad_payload', message });
  }
});

void test('more time than there is, is all of it', () => {
  assert.deepEqual(range({ last: '99999999999d' }), [-8.64e15, NOW + 1]);
});
