// A schedule that turns impossible at run time is said, once, and once when it is over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusBudget } from '../../../bridge/trace/budget.js';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { DeviceTrace } from '../../../bridge/trace/ring.js';
import { TracedBus } from '../../../bridge/trace/traced-bus.js';
import { GatewayError, type ErrorCode } from '../../../shared/errors.js';
import { Topics } from '../../../shared/topics.js';
import { tankConfig } from '../../support/bus/devices.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';
import { RecordingLog } from '../../support/recording-log.js';

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
      for (const trace of traces.values()) {
        trace.note({ transaction: { readLength: 1 }, ...NOTED, ts: clock.now(), ms, outcome });
        if (typeof outcome !== 'string') trace.notePoll(ms);
      }
      await clock.advance(1000);
    }
  };
  return { budget, events, log, poll, clock, traces };
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

test('a device that is asked again and again until it is ready takes what all its transactions take', async () => {
  const { clock, budget, traces } = await setUp();
  const config = tankConfig();
  const device = config.devices.get('tank-1');
  const sample = device?.type.samples[0];
  const trace = traces.get('tank-1');
  assert.ok(device && sample && trace);
  // Not acknowledged four times, and then busy once.
  let asked = 0;
  const bus = new ScriptedBus(clock, ({ write, readLength = 0 }) => {
    if (write !== undefined) asked = 0;
    else asked += 1;
    const noAck = write === undefined && asked < 5 ? { error: new GatewayError('no_ack', 'busy') } : {};
    return { takesMs: 10, bytes: new Array<number>(readLength).fill(asked === 5 ? 0x17 : 1), ...noAck };
  });
  const traced = new TracedBus(new BusQueue({ bus, clock, limit: 8 }), trace, clock);
  const ready = { againMs: 10, withinMs: 900, busy: [0x17], noAck: true };
  const client = new DeviceClient(device, traced, clock);
  const reading = client.read({ ...sample, ready });
  await clock.advance(500);
  await reading;
  await clock.advance(10_000);
  // A write and six reads of 10 ms, each with the rest behind it.
  const restMs = device.type.restMs;
  assert.equal(budget.health()['main']?.devices['tank-1']?.meanMs, 7 * (10 + restMs));
  assert.equal(trace.traffic().goodPolls, 1);
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
