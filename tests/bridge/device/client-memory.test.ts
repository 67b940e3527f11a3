// What earlier readings say about the newest: jumps, noise, and counters that stand still.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { FakeClock } from '../../support/fake-clock.js';
import { deviceOf } from '../../support/bus/sample-yaml.js';
import { ScriptedBus } from '../../support/bus/scripted-bus.js';

/** Reads a reply a second; the field `it` of each: its value, or the name of its error. */
function reader(fields: string) {
  const clock = new FakeClock();
  let bytes: readonly number[] = [];
  const bus = new ScriptedBus(clock, () => ({ bytes }));
  const device = deviceOf(`read: 2, fields: { ${fields} }`);
  const [sample] = device.type.samples;
  assert.ok(sample);
  const client = new DeviceClient(device, new BusQueue({ bus, clock, limit: 8 }), clock);
  const read = async (value: number, other = 0): Promise<unknown> => {
    bytes = [value, other];
    const [reading] = await Promise.all([client.read(sample), clock.advance(1000)]);
    return reading.values['it'] ?? reading.errors['it'];
  };
  const readAll = async (values: readonly number[]): Promise<unknown[]> => {
    const seen: unknown[] = [];
    for (const value of values) seen.push(await read(value));
    return seen;
  };
  return { client, clock, read, readAll };
}

const JUMP = 'implausible_step';

test('a jump is not believed, and what comes after it is', async () => {
  const { readAll } = reader('it: { type: uint8, max_step: 5 }');
  assert.deepEqual(await readAll([20, 25, 200, 30, 3, 28]), [20, 25, JUMP, 30, JUMP, 28]);
});

test('a jump that a second reading agrees with is believed: the world has changed', async () => {
  const { readAll } = reader('it: { type: uint8, max_step: 5 }');
  assert.deepEqual(await readAll([20, 100, 104, 109, 20, 100]), [20, JUMP, 104, 109, JUMP, JUMP]);
});

test('a step per time grows with the time between two readings', async () => {
  const { clock, read } = reader('it: { type: uint8, max_step: 300/m }');
  assert.equal(await read(20), 20);
  assert.equal(await read(25), 25);
  assert.equal(await read(31), JUMP);
  await clock.advance(8000);
  assert.equal(await read(75), 75);
});

test('the median of the last readings is published, and is always one that was measured', async () => {
  const { readAll } = reader('it: { type: uint8, median: 3 }');
  assert.deepEqual(await readAll([10, 20, 99, 30, 31, 32]), [10, 20, 20, 30, 31, 31]);
});

test('while there is an even number of readings the oldest does not vote', async () => {
  const { readAll } = reader('it: { type: uint8, median: 5 }');
  assert.deepEqual(await readAll([10, 20, 30, 99]), [10, 20, 20, 30]);
});

test('readings from before a pause don’t vote', async () => {
  const { clock, readAll } = reader('it: { type: uint8, median: 3 }');
  await readAll([10, 10, 10]);
  await clock.advance(6000);
  assert.deepEqual(await readAll([50]), [50]);
});

test('where a counter stands still, nothing of the reply is believed, until it moves', async () => {
  const { read } = reader('it: { type: uint8 }, beats: { type: uint8, changes_within: 2s }');
  const seen: unknown[] = [];
  for (const [value, beats] of [
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 1],
    [5, 1],
    [6, 2],
  ] as const)
    seen.push(await read(value, beats));
  assert.deepEqual(seen, [1, 2, 3, 4, 'stale', 6]);
});

test('who comes back is taken as it is', async () => {
  const { client, readAll } = reader('it: { type: uint8, max_step: 5, median: 3 }');
  await readAll([20, 20, 20]);
  await client.identify();
  assert.deepEqual(await readAll([200]), [200]);
});
