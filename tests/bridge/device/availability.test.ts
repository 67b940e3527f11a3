import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AvailabilityTracker } from '../../../bridge/device/availability.js';
import type { ErrorCode } from '../../../shared/errors.js';

function play(outcomes: readonly ('ok' | ErrorCode)[]): string[] {
  const tracker = new AvailabilityTracker(0);
  return outcomes.map((outcome, index) => {
    tracker.record(outcome, index + 1);
    return tracker.current.state;
  });
}

test('one lost transaction degrades, the third in a row means offline, an answer means online', () => {
  assert.deepEqual(play(['ok', 'no_ack', 'no_ack', 'ok', 'no_ack', 'timeout', 'bus_fault', 'no_ack', 'ok']), [
    'online',
    'degraded',
    'degraded',
    'online',
    'degraded',
    'degraded',
    'offline',
    'offline',
    'online',
  ]);
});

test('a device that was never heard is offline at the first silence', () => {
  assert.deepEqual(play(['no_ack']), ['offline']);
});

test('wrong bytes degrade and never take a device offline: it is there', () => {
  assert.deepEqual(play(['ok', 'checksum', 'checksum', 'empty_reply', 'checksum']), [
    'online',
    'degraded',
    'degraded',
    'degraded',
    'degraded',
  ]);
});

for (const code of [
  ...(['checksum', 'wrong_echo', 'wrong_frame', 'device_busy', 'device_error'] as const),
  ...(['stale', 'empty_reply', 'short_reply', 'verify_failed'] as const),
])
  test(`${code} degrades a device that was well`, () => {
    assert.deepEqual(play(['ok', code, 'ok']), ['online', 'degraded', 'online']);
  });

for (const code of ['bus_fault', 'bus_unavailable', 'address_claimed', 'unsupported', 'timeout'] as const)
  test(`${code} is a silence: in a row it takes a device offline`, () => {
    assert.deepEqual(play(['ok', code, 'ok', code, code, code]).toSpliced(4, 1), [
      'online',
      'degraded',
      'online',
      'degraded',
      'offline',
    ]);
  });

test('another device at the address is offline at once, by name', () => {
  const tracker = new AvailabilityTracker(0);
  tracker.record('ok', 1);
  assert.deepEqual(tracker.record('wrong_identity', 5), {
    state: 'offline',
    since: 5,
    reason: 'wrong_identity',
  });
});

test('what says nothing about the device changes nothing', () => {
  assert.deepEqual(play(['ok', 'queue_full', 'overdue', 'closed', 'store_full']), Array(5).fill('online'));
});

test('a change is told once, with its time and reason', () => {
  const tracker = new AvailabilityTracker(0);
  assert.deepEqual(tracker.record('ok', 10), { state: 'online', since: 10, reason: null });
  assert.equal(tracker.record('ok', 20), undefined);
  assert.deepEqual(tracker.record('no_ack', 30), { state: 'degraded', since: 30, reason: 'no_ack' });
  assert.equal(tracker.record('no_ack', 40), undefined);
});
