import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Moment } from '../../shared/command-journal.js';
import { ageAtLeastMs, repetitionOf, type SeenCommand } from '../../shared/repeat-rule.js';

const MINUTE = 60_000;
const YEAR = 365 * 24 * 60 * MINUTE;
const THEN: Moment = { ts: 1_767_000_000_000, synchronised: true, machine: 'one', uptimeMs: 5 * MINUTE };

const after = (ms: number, more: Partial<Moment> = {}): Moment => ({
  ...{ ts: THEN.ts + ms, synchronised: true, machine: 'one', uptimeMs: THEN.uptimeMs + ms, ...more },
});

test('within a run of the machine no clock that was set does anything', () => {
  for (const ts of [THEN.ts + YEAR, THEN.ts - YEAR, 0])
    assert.equal(ageAtLeastMs(THEN, after(5000, { ts })), 5000);
});

test('across a start of the machine a wall clock that was right at both ends counts', () => {
  const now = after(0, { machine: 'two', ts: THEN.ts + 20 * MINUTE, uptimeMs: MINUTE });
  assert.equal(ageAtLeastMs(THEN, now), 20 * MINUTE);
});

test('one that was not right at an end does not: only the time since the start is certain', () => {
  const now = after(0, { machine: 'two', ts: THEN.ts + YEAR, uptimeMs: MINUTE });
  assert.equal(ageAtLeastMs({ ...THEN, synchronised: false }, now), MINUTE);
  assert.equal(ageAtLeastMs(THEN, { ...now, synchronised: false }), MINUTE);
});

test('a wall clock that goes back does not make it younger than the machine’s run', () => {
  const now = after(0, { machine: 'two', ts: THEN.ts - YEAR, uptimeMs: 11 * MINUTE });
  assert.equal(ageAtLeastMs(THEN, now), 11 * MINUTE);
});

const SEEN: SeenCommand = {
  meaning: { device: 'tank-1', name: 'pump', asked: '80' },
  at: THEN,
  open: false,
  mayRunAgain: false,
};

for (const [what, seen, ms, asked, expected] of [
  ['the same at the last moment', {}, 10 * MINUTE, '80', 'same'],
  ['the same a moment later', {}, 10 * MINUTE + 1, '80', 'new'],
  ['other arguments', {}, 1, '0', 'reused'],
  ['other arguments, long after', {}, 11 * MINUTE, '0', 'new'],
  ['the same, still running', { open: true }, 11 * MINUTE, '80', 'same'],
  ['what never ran', { mayRunAgain: true }, 1, '0', 'new'],
  [
    'any arguments, of a file that kept none',
    { meaning: { ...SEEN.meaning, asked: undefined } },
    1,
    '0',
    'same',
  ],
] as const)
  test(`the id again, ${what}: ${expected}`, () => {
    const meaning = { device: 'tank-1', name: 'pump', asked };
    const again = { meaning, at: after(ms) };
    assert.equal(repetitionOf({ ...SEEN, ...seen }, again, 10 * MINUTE), expected);
  });
