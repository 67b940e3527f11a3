// The built-in example, all of it: its devices answer as described, its numbers make sense and move.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { DeviceClient } from '../../bridge/device/client.js';
import { loadConfig } from '../../gateway/config/load.js';
import { openSimulatedBus } from '../../gateway/i2c/simulated/open.js';
import { PlugBoard } from '../../gateway/i2c/simulated/plug-board.js';
import type { SimulatedBus } from '../../gateway/i2c/simulated/bus.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { I2cTransaction } from '../../shared/ports.js';
import type { Value } from '../../shared/sample.js';
import { FakeClock } from '../support/fake-clock.js';
import { RecordingLog } from '../support/recording-log.js';
import { EXAMPLE_CONFIG } from './arduino.js';

const log = new RecordingLog();
const clock = new FakeClock();
let config: GatewayConfig;
let bus: SimulatedBus;

before(async () => {
  config = await loadConfig(EXAMPLE_CONFIG);
  const [only] = config.buses.values();
  assert.ok(only);
  const configFolder = join(EXAMPLE_CONFIG, '..');
  bus = await openSimulatedBus(only, {
    devices: config.devices,
    configFolder,
    clock,
    log,
    plugs: new PlugBoard(),
  });
});

/** The clock moves while a transaction takes its time on the wire. */
async function transfer(transaction: I2cTransaction): Promise<Uint8Array> {
  const [bytes] = await Promise.all([bus.transfer(transaction), clock.advance(5)]);
  return bytes;
}

function client(id: string): DeviceClient {
  const device = config.devices.get(id);
  assert.ok(device, id);
  return new DeviceClient(
    device,
    { transfer, converse: (talk) => talk(transfer, new AbortController().signal) },
    clock,
  );
}

async function values(id: string): Promise<Readonly<Record<string, Value>>> {
  const device = client(id);
  const [sample] = device.device.type.samples;
  assert.ok(sample);
  const reading = await device.read(sample);
  assert.deepEqual(reading.errors, {}, `${id}: ${JSON.stringify(reading)}`);
  return reading.values;
}

async function command(id: string, name: string, args: Record<string, number | boolean>): Promise<void> {
  const device = client(id);
  const spec = device.device.type.commands.get(name);
  assert.ok(spec);
  await device.command(spec, new Map(Object.entries(args)), { deadlineMs: 1000, refuse: () => undefined });
}

function number(value: Value | undefined): number {
  assert.equal(typeof value, 'number');
  return Number(value);
}

test('at least three Arduinos of two types and more identify themselves, without a warning', async () => {
  const types = new Set([...config.devices.values()].map((device) => device.type.id));
  assert.ok(config.devices.size >= 3 && types.size >= 2);
  for (const id of config.devices.keys()) await client(id).identify();
  assert.deepEqual(log.messages('warn'), []);
});

test('the first reading after the start is a real one', async () => {
  assert.equal(number((await values('tank-1'))['level']), 799);
  assert.ok(number((await values('climate-1'))['temperature']) > 15);
});

test('the lamp is dimmed to 128, and the next sample shows it', async () => {
  assert.equal((await values('lamp-1'))['level'], 0);
  await command('lamp-1', 'dim', { level: 128 });
  assert.equal((await values('lamp-1'))['level'], 128);
});

test('the fan is switched on and off, and the next sample shows it', async () => {
  await command('climate-1', 'fan', { running: true });
  assert.equal((await values('climate-1'))['fan'], true);
  await command('climate-1', 'fan', { running: false });
  assert.equal((await values('climate-1'))['fan'], false);
});

test('the pump fills its own tank, at the speed it was told', async () => {
  const [before1, before2] = [(await values('tank-1'))['level'], (await values('tank-2'))['level']];
  await command('tank-1', 'pump', { speed: 60 });
  for (let second = 0; second < 10; second += 1) {
    await clock.advance(1000);
    assert.equal((await values('tank-1'))['pump'], 60);
  }
  const rise = number((await values('tank-1'))['level']) - number(before1);
  // 0.6 × 8 mm/s less 0.2 mm/s of use, for 10 s; the ADC's step is 2 mm.
  assert.ok(rise >= 43 && rise <= 49, String(rise));
  assert.ok(number((await values('tank-2'))['level']) <= number(before2));
  await command('tank-1', 'pump', { speed: 0 });
});

test('over ten minutes every measured value moves, within what a greenhouse knows', async () => {
  const ranges: Record<string, readonly [number, number]> = {
    'tank-1 temperature': [19, 23],
    'tank-1 level': [500, 1200],
    'tank-2 temperature': [19, 23],
    'climate-1 temperature': [19, 25],
    'climate-1 humidity': [49, 67],
    'lamp-1 light': [0, 800],
  };
  const seen = new Map(Object.keys(ranges).map((key) => [key, new Set<number>()]));
  for (let round = 0; round < 60; round += 1) {
    await clock.advance(10_000);
    for (const id of config.devices.keys()) {
      for (const [field, value] of Object.entries(await values(id)))
        seen.get(`${id} ${field}`)?.add(Number(value));
    }
  }
  for (const [key, [low, high]] of Object.entries(ranges)) {
    const all = [...(seen.get(key) ?? [])];
    assert.ok(all.length >= 10, `${key} has only ${String(all.length)} values`);
    assert.ok(Math.min(...all) >= low && Math.max(...all) <= high, `${key}: ${all.join(' ')}`);
  }
  assert.notDeepEqual(
    [...(seen.get('tank-1 temperature') ?? [])],
    [...(seen.get('tank-2 temperature') ?? [])],
  );
});
