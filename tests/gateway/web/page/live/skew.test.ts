// The gateway's clock is told from what it has just made; what may be old says only that the clock is not behind it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skewAfter, type Skew } from '../../../../../gateway/web/page/live/skew.js';

const HOUR_MS = 3_600_000;
const UNKNOWN: Skew = { skewMs: 0, skewBy: 'nothing' };

test('an old message said once more moves no clock that is known, and one from its future does', () => {
  const known = skewAfter(UNKNOWN, 300, true);
  assert.deepEqual(known, { skewMs: 0, skewBy: 'now' });
  assert.deepEqual(skewAfter(known, HOUR_MS, false), known);
  assert.equal(skewAfter(known, -HOUR_MS, false).skewMs, -HOUR_MS);
  assert.equal(skewAfter(known, HOUR_MS, true).skewMs, HOUR_MS);
});

test('as long as nothing else is known any message is a guess, and what wavers does not move it', () => {
  const guessed = skewAfter(UNKNOWN, HOUR_MS, false);
  assert.deepEqual(guessed, { skewMs: HOUR_MS, skewBy: 'guess' });
  assert.deepEqual(skewAfter(guessed, 200, true), { skewMs: 0, skewBy: 'now' });
  assert.equal(skewAfter(guessed, HOUR_MS - 1500, true).skewMs, HOUR_MS);
});
