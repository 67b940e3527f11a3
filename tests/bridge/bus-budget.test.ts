// A schedule that turns impossible at run time is said, once, and once when it is over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusBudget } from '../../bridge/bus-budget.js';
import { DeviceTrace } from '../../bridge/device-trace.js';
import type { ErrorCode } from '../../shared/errors.js';
import { Topics } from '../../shared/topics.js';
import { tankConfig } from '../support/devices.js';
import { FakeClock } from '../support/fake-clock.js';
import { RecordingLog } from '../support/recording-log.js';

/** Two tanks, each read once a second. */
async function setUp() {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const config = tankConfig();
  const traces = new Map([...config.devices.keys()].map((id) => [id, new DeviceTrace()]));
  const events: { type: string; bus: string; message: string }[] = [];
  const budget = new BusBudget({
    ...config,
    ...{ clock, log, topics: new Topics('iot', 'test') },
    traceOf: (id) => traces.get(id) ?? new DeviceTrace(),
    outlet: { json: (_topic, message) => events.push(message as (typeof events)[number]) },
  });
  await budget.start();
  /** Both are polled for so many seconds, each poll taking so long. */
  const poll = async (seconds: number, ms: number, outcome: Uint8Array | ErrorCode = Uint8Array.of(1)) => {
    for (let second = 0; second < seconds; second += 1) {
      for (const trace of traces.values())
        trace.note({ transaction: { readLength: 1 }, ...NOTED, ts: clock.now(), ms, outcome });
      await clock.advance(1000);
    }
  };
  return { budget, events, log, poll };
}

const NOTED = { priority: 'poll', restMs: 0, waitedMs: 0 } as const;

test('before anything is measured a bus is judged by its bytes alone', async () => {
  const { budget } = await setUp();
  const { scheduled, measured } = budget.health()['main'] ?? { scheduled: 0, measured: 1 };
  assert.equal(measured, scheduled);
  assert.ok(scheduled > 0 && scheduled < 0.01);
});

test('an overload is said once, with who takes most, and its end once', async () => {
  const { budget, events, log, poll } = await setUp();
  await poll(60, 600);
  assert.deepEqual(
    events.map(({ type, bus }) => [type, bus]),
    [['bus.overloaded', 'main']],
  );
  assert.match(events[0]?.message ?? '', /120 % of its time, most for tank-1 \(60 %\)/);
  assert.equal(log.messages('warn').length, 1);
  const health = budget.health()['main'];
  assert.equal(health?.measured, 1.2);
  assert.equal(typeof health.overloadedSince, 'number');
  assert.equal(health.devices['tank-1']?.meanMs, 600);
  await poll(120, 100);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['bus.overloaded', 'bus.relieved'],
  );
  assert.equal(budget.health()['main']?.overloadedSince, undefined);
});

test('a device that hangs is no overload: what its failures take says nothing of the schedule', async () => {
  const { events, poll } = await setUp();
  await poll(60, 2000, 'timeout');
  assert.deepEqual(events, []);
});

test('a bus that goes to and fro just below its limit is not said again and again', async () => {
  const { events, poll } = await setUp();
  await poll(30, 520);
  for (let turn = 0; turn < 5; turn += 1) {
    await poll(20, 485);
    await poll(20, 520);
  }
  assert.deepEqual(
    events.map(({ type }) => type),
    ['bus.overloaded'],
  );
});
