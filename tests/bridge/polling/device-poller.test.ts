import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { DevicePoller } from '../../../bridge/polling/device-poller.js';
import { GridClock } from '../../../bridge/time/grid.js';
import { ProbeTurns } from '../../../bridge/device/probe-turns.js';
import { withChecksum } from '../../../shared/codec/checksum.js';
import { GatewayError } from '../../../shared/errors.js';
import { tank } from '../../support/bus/devices.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { ScriptedBus, type Behaviour } from '../../support/bus/scripted-bus.js';

const REPLY = [...withChecksum(Uint8Array.of(0x65, 0x08, 0x2c, 0x01), { kind: 'crc8', poly: 7, init: 0 })];
const alive: Behaviour = ({ readLength }) => ({ takesMs: 1, bytes: readLength === 2 ? [0x54, 0x02] : REPLY });
const dead: Behaviour = () => ({ takesMs: 1, error: new GatewayError('no_ack', 'none') });

function setUp(behaviour: Behaviour) {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock, behaviour);
  const changes: string[] = [];
  const log = new RecordingLog();
  let readings = 0;
  const poller = new DevicePoller({
    client: new DeviceClient(tank(), new BusQueue({ bus, clock, limit: 8 }), clock),
    ...{ clock, log, grid: new GridClock(clock) },
    firstIndex: 0,
    turns: new ProbeTurns(clock),
    busyMs: () => 0,
    setUp: () => Promise.resolve(),
    onFound: () => undefined,
    circumstances: { breaksStretching: false },
    onPause: () => undefined,
    whoAnswers: () => '',
    onReading: () => (readings += 1),
    onAvailability: ({ state }) => changes.push(state),
  });
  return { clock, bus, log, poller, changes, readings: () => readings };
}

test('a device is identified first, then read on its schedule', async () => {
  const { clock, bus, poller, readings, changes } = setUp(alive);
  poller.start();
  await clock.advance(10_500);
  poller.stop();
  assert.deepEqual([...(bus.seen[0]?.write ?? [])], [0x01]);
  assert.deepEqual(changes, ['online']);
  // One at once, then one a second.
  assert.equal(readings(), 11);
});

test('a reading that comes after the stop is not handed on: nobody is there to take it', async () => {
  const { clock, poller, bus, readings, changes } = setUp(alive);
  bus.behave(({ readLength }) => ({
    takesMs: readLength === 2 ? 1 : 500,
    bytes: readLength === 2 ? [0x54, 0x02] : REPLY,
  }));
  poller.start();
  await clock.advance(100);
  poller.stop();
  await clock.advance(2000);
  assert.deepEqual([changes, readings(), bus.seen.length], [['online'], 0, 2]);
});

test('a poll that still waits when the next is due is not queued twice, and is counted', async () => {
  const { clock, poller, bus, readings } = setUp(alive);
  poller.start();
  await clock.advance(500);
  bus.behave(() => ({ takesMs: 2500, bytes: REPLY }));
  await clock.advance(2900);
  poller.stop();
  assert.equal(readings(), 1);
  assert.equal(poller.counts().missed, 2);
  assert.equal(bus.seen.length, 3);
});

test('a dead device is probed with growing pauses and read no more', async () => {
  const { clock, poller, bus, changes } = setUp(alive);
  poller.start();
  await clock.advance(2500);
  bus.behave(dead);
  const before = bus.seen.length;
  await clock.advance(3_600_000);
  poller.stop();
  assert.deepEqual(changes, ['online', 'degraded', 'offline']);
  // 3 polls until it counts as gone; then pauses of 1, 2, 4, … 60 s: 6 probes in the first minute, one a minute after.
  const attempts = bus.seen.length - before;
  assert.ok(attempts >= 60 && attempts <= 70, String(attempts));
});

test('a reply that is not believed is said once, with its bytes, however often it comes', async () => {
  const { clock, poller, bus, log } = setUp(alive);
  poller.start();
  await clock.advance(500);
  bus.behave(() => ({ takesMs: 1, bytes: [1, 2, 3, 4, 5] }));
  await clock.advance(10_000);
  poller.stop();
  const said = log.messages('warn').filter((line) => line.startsWith('a reply is not believed'));
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /01 02 03 04 05/);
});

test('a device that comes back is identified again and read on its old schedule', async () => {
  const { clock, poller, bus, changes, readings } = setUp(dead);
  poller.start();
  await clock.advance(20_000);
  assert.deepEqual(changes, ['offline']);
  bus.behave(alive);
  const seen = bus.seen.length;
  await clock.advance(60_000);
  poller.stop();
  assert.deepEqual(changes, ['offline', 'online']);
  assert.deepEqual([...(bus.seen[seen]?.write ?? [])], [0x01]);
  assert.ok(readings() > 40);
});

test('another Arduino in its place is not read, and said by name', async () => {
  const { clock, poller, changes, readings } = setUp(({ readLength }) => ({
    bytes: readLength === 2 ? [9, 9] : REPLY,
  }));
  poller.start();
  await clock.advance(30_000);
  poller.stop();
  assert.deepEqual(changes, ['offline']);
  assert.equal(poller.availability.reason, 'wrong_identity');
  assert.equal(readings(), 0);
});

test('a command that a lost device has answered makes it look for the device at once', async () => {
  const { clock, poller, bus, changes } = setUp(dead);
  poller.start();
  await clock.advance(200_000);
  bus.behave(alive);
  poller.noteOutcome('ok');
  await clock.advance(10);
  poller.stop();
  assert.deepEqual(changes, ['offline', 'online']);
});

test('after stop nothing is read and no timer is left', async () => {
  const { clock, poller, bus } = setUp(dead);
  poller.start();
  await clock.advance(5000);
  poller.stop();
  await clock.advance(100);
  const seen = bus.seen.length;
  await clock.advance(600_000);
  assert.equal(bus.seen.length, seen);
  assert.equal(clock.waiting, 0);
});
