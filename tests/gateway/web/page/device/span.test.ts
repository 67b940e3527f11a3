// Where one is in time: stepping and zooming never leads beyond now, and back to now is live again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, endsOf, panned, zoomed, type Span } from '../../../../../gateway/web/page/device/span.js';

const NOW = 1_000_000_000;
const LIVE: Span = { kind: 'live', ms: 3_600_000 };

test('a step back stands still, and a step forth leads to live again', () => {
  const back = panned(LIVE, -0.5, NOW);
  assert.deepEqual(back, { kind: 'still', from: NOW - 5_400_000, to: NOW - 1_800_000 });
  assert.deepEqual(panned(back, 0.5, NOW), LIVE);
  assert.deepEqual(panned(LIVE, 0.5, NOW), LIVE);
});

test('closer and wider keep the end of what is live and the middle of what is not, within bounds', () => {
  assert.deepEqual(zoomed(LIVE, 0.5, NOW), { kind: 'live', ms: 1_800_000 });
  const still: Span = { kind: 'still', from: NOW - 4000_000, to: NOW - 2000_000 };
  const closer = endsOf(zoomed(still, 0.5, NOW), NOW);
  assert.deepEqual([closer.from, closer.to], [NOW - 3500_000, NOW - 2500_000]);
  let span: Span = zoomed(LIVE, 1, NOW);
  for (let round = 0; round < 50; round += 1) span = zoomed(span, 2, NOW);
  assert.deepEqual(span, { kind: 'live', ms: 365 * 86_400_000 });
  for (let round = 0; round < 50; round += 1) span = zoomed(span, 0.5, NOW);
  assert.deepEqual(span, { kind: 'live', ms: 10_000 });
});

test('what somebody frames is shown, as far as it is past', () => {
  assert.deepEqual(between(NOW - 50_000, NOW - 20_000, NOW), {
    kind: 'still',
    from: NOW - 50_000,
    to: NOW - 20_000,
  });
  assert.deepEqual(between(NOW - 20_000, NOW + 20_000, NOW), { kind: 'still', from: NOW - 40_000, to: NOW });
});
