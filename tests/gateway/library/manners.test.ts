// Chips of the library that only look as if they had measured, were set or still did what they were told: none of it is believed.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { checkArguments } from '../../../shared/check-arguments.js';
import { asGatewayError } from '../../../shared/errors.js';
import { settled } from '../../support/fake-clock.js';
import { pollerWorld, type PollerWorld } from '../../support/bus/poller-world.js';
import type { Behaviour } from '../../support/bus/scripted-bus.js';
import {
  measuring,
  Pca9685,
  Sensirion,
  Vl53l1x,
  type MeasuringChip,
  type SensirionChip,
} from './chip-models.js';
import { bytesOf } from './spoken.js';

type Values = Readonly<Record<string, number | boolean | null>>;

async function world(
  t: TestContext,
  chip: string,
  address: number,
  behaviour: Behaviour = () => ({}),
): Promise<PollerWorld> {
  const yaml = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types: { chip: { use: ${chip} } }
devices: { it: { type: chip, bus: main, address: ${String(address)} } }
`;
  return pollerWorld(t, yaml, behaviour);
}

async function seenOf({ said }: PollerWorld): Promise<readonly Values[]> {
  await settled();
  return said('/telemetry').map(({ values }) => values as Values);
}

/** What became of it: the code of an error. */
async function command(
  { clients, clock }: PollerWorld,
  name: string,
  args: Readonly<Record<string, number>>,
): Promise<string> {
  const client = clients.get('it');
  const spec = client?.device.type.commands.get(name);
  assert.ok(client && spec);
  const given = checkArguments(spec, new Map(Object.entries(args)));
  const running = client.command(spec, given, { deadlineMs: 10_000, refuse: () => undefined }).then(
    () => 'done',
    (thrown: unknown) => asGatewayError(thrown).code,
  );
  const [became] = await Promise.all([running, clock.advance(4000)]);
  return became;
}

const FRESH: readonly (MeasuringChip & {
  readonly chip: string;
  readonly address: number;
  readonly first: Values;
})[] = [
  {
    ...{ chip: 'dps310', address: 0x77, starts: '08F7', takesMs: 1100, ready: ['08', 'C0', 'F0'] },
    has: { '0D': '10', '10': '0CBEFF137DDF2F1DF56A04CDD8C200A0FAE7', '28': '80' },
    measured: { '00': 'F77480', '03': '03D090' },
    first: { temperature: 39.74, pressure: 1051.145 },
  },
  {
    ...{ chip: 'hts221', address: 0x5f, starts: '2083', takesMs: 100 },
    has: {
      ...{ '0F': 'BC', '35': '04', '32': 'A0', '33': '20', BC: '6400', BE: '1405' },
      ...{ '30': '3C', '31': '82', B6: '60F0', BA: '7017' },
    },
    measured: { A8: '30F8', AA: 'B004' },
    first: { humidity: 37, temperature: 34.67 },
  },
  {
    ...{ chip: 'lps22hb', address: 0x5c, starts: '1050', takesMs: 20 },
    has: { '0F': 'B1' },
    measured: { A8: '00543F', AB: '2E09' },
    first: { pressure: 1013.25, temperature: 23.5 },
  },
  {
    ...{ chip: 'ina228', address: 0x40, starts: '020EA6', takesMs: 40, ready: ['0B', '4000', '4002'] },
    has: { '3E': '5449', '3F': '2281' },
    measured: { '05': '0F0000', '06': '0C80' },
    first: {
      ...{ bus_voltage: 12, current: 0, power: 0, energy: 0, charge: 0 },
      ...{ die_temperature: 25, shunt_voltage: 0 },
    },
  },
  {
    ...{ chip: 'ina237', address: 0x40, starts: '020EA6', takesMs: 40, ready: ['0B', '4000', '4002'] },
    has: { '3E': '5449', '3F': '2381' },
    measured: { '05': '0F00', '06': '1900' },
    first: { bus_voltage: 12, current: 0, power: 0, die_temperature: 50, shunt_voltage: 0 },
  },
  {
    ...{ chip: 'scd30', address: 0x61, starts: '0010000081', takesMs: 2100 },
    has: {},
    measured: { '0300': '43DBCB8000A241D970999AED4243BF333388' },
    first: { co2: null, temperature: null, humidity: null },
  },
  {
    ...{ chip: 'tsl2591', address: 0x29, starts: 'A003', takesMs: 108 },
    has: { B2: '50' },
    measured: { B4: 'E803', B6: '2C01' },
    first: { channel0: 1000, channel1: 300, lux: 82.9056 },
  },
  {
    ...{ chip: 'veml7700', address: 0x10, starts: '000010', takesMs: 110 },
    has: {},
    measured: { '04': 'E803' },
    first: { light: 1000, lux: 537.6 },
  },
];

for (const { chip, address, first, ...model } of FRESH)
  test(`${chip}: what its registers hold before it has measured is told by nobody`, async (t) => {
    const w = await world(t, chip, address);
    const behaviour = measuring(model, w.clock);
    // A reply of zeros has zeros for its checksums where these are none; the real ones begin with FF.
    w.bus.behave((transaction) => {
      const answer = behaviour(transaction);
      const isBlank = chip === 'scd30' && answer.bytes?.every((byte) => byte === 0) === true;
      return isBlank ? { bytes: bytesOf('000081'.repeat(answer.bytes.length / 3)) } : answer;
    });
    await w.poller.start();
    await w.clock.advance(3500);
    const [seen] = await seenOf(w);
    assert.deepEqual(Object.keys(seen ?? {}).sort(), Object.keys(first).sort());
    for (const [id, value] of Object.entries(first))
      assert.equal(
        typeof value === 'number' ? Number(seen?.[id]).toPrecision(5) : seen?.[id],
        typeof value === 'number' ? value.toPrecision(5) : value,
        id,
      );
  });

test('dps310: the thermometer it was calibrated with is the one it measures with', async (t) => {
  for (const [source, configured] of [
    ['80', '0786'],
    ['00', '0706'],
  ] as const) {
    const w = await world(t, 'dps310', 0x77);
    const has = { '0D': '10', '10': '0CBEFF137DDF2F1DF56A04CDD8C200A0FAE7', '28': source };
    const ready = ['08', 'C0', 'F0'] as const;
    w.bus.behave(measuring({ has, ready, measured: {}, starts: '08F7', takesMs: 100 }, w.clock));
    await w.poller.start();
    await w.clock.advance(1000);
    const sources = w.written().filter((write) => /^07..$/.test(write));
    assert.deepEqual(sources, [configured.toLowerCase()]);
    assert.ok(w.written().indexOf('0c89') < w.written().indexOf(sources[0] ?? ''), 'not lost to the reset');
  }
});

test('pca9685: a channel is set and read as a whole, and its phase is part of it', async (t) => {
  const chip = new Pca9685();
  const w = await world(t, 'pca9685', 0x40, chip.answer);
  await w.poller.start();
  await w.clock.advance(1000);
  for (const [on, off, duty] of [
    [0, 2048, 32_768],
    [1024, 2048, 16_384],
    [3072, 1024, 32_768],
    [4096, 0, 65_535],
    [4096, 4096, 0],
    [0, 4096, 0],
  ] as const) {
    assert.equal(await command(w, 'channel_3', { on, off }), 'done');
    assert.deepEqual([...chip.registers.subarray(0x12, 0x16)], [on & 255, on >> 8, off & 255, off >> 8]);
    assert.equal(chip.registers[0x16], 0, 'the next channel');
    await w.clock.advance(10_000);
    assert.equal((await seenOf(w)).at(-1)?.['duty_cycle'], duty, `${String(on)} to ${String(off)}`);
  }
});

test('vl53l1x: each reading is one of its own; one that does not come is none', async (t) => {
  const w = await world(t, 'vl53l1x', 0x29);
  const chip = new Vl53l1x(w.clock);
  w.bus.behave(chip.answer);
  await w.poller.start();
  await w.clock.advance(3000);
  chip.distanceMm = 2000;
  await w.clock.advance(3000);
  assert.equal((await seenOf(w)).at(-1)?.['distance'], 200);
  // Nobody there, and somebody again: what is no distance is read all the same.
  chip.status = 4;
  await w.clock.advance(3000);
  assert.equal((await seenOf(w)).at(-1)?.['distance'], null);
  chip.status = 9;
  chip.distanceMm = 500;
  await w.clock.advance(3000);
  assert.equal((await seenOf(w)).at(-1)?.['distance'], 50);
  chip.hangs = true;
  await w.clock.advance(3000);
  assert.equal((await seenOf(w)).at(-1)?.['distance'], null);
});

const SCD4X: SensirionChip = {
  ...{ start: '21b1', stop: '3f86', ready: ['e4b8', 0x8006, 0x8000], everyMs: 4900 },
  words: [500, 26_214, 30_000],
  others: { '362f': [0xffff] },
};

test('scd4x: it measures again at once where it could not be calibrated', async (t) => {
  const w = await world(t, 'scd4x', 0x62);
  w.bus.behave(new Sensirion(SCD4X, w.clock).answer);
  await w.poller.start();
  await w.clock.advance(12_000);
  assert.equal((await seenOf(w)).at(-1)?.['co2'], 500);
  assert.equal(await command(w, 'recalibrate', { target: 420 }), 'device_error');
  const written = w.written().filter((write) => /^(3f86|362f|21b1)/.test(write));
  assert.deepEqual(
    written.map((write) => write.slice(0, 4)),
    ['3f86', '21b1', '3f86', '362f', '21b1'],
  );
  await w.clock.advance(12_000);
  assert.equal((await seenOf(w)).at(-1)?.['co2'], 500);
});

for (const [name, address, field, chip] of [
  ['scd4x', 0x62, 'co2', SCD4X],
  [
    ...(['sen66', 0x6b, 'co2'] as const),
    {
      ...{ start: '0021', stop: '0104', ready: ['0202', 1, 0] as const, everyMs: 900 },
      words: [12, 34, 45, 56, 4512, 4630, 1000, 10, 500],
    },
  ],
] as const)
  test(`${name}: one that has forgotten to measure, and answers on, is told again`, async (t) => {
    const w = await world(t, name, address);
    const model = new Sensirion(chip, w.clock);
    w.bus.behave(model.answer);
    await w.poller.start();
    await w.clock.advance(20_000);
    assert.equal((await seenOf(w)).at(-1)?.[field], 500);
    const before = w.said('/telemetry').length;
    model.measuresSinceMs = undefined;
    await w.clock.advance(60_000);
    assert.equal((await seenOf(w)).at(-1)?.[field], 500);
    const since = w.said('/telemetry').slice(before);
    const lost = since.filter(({ errors }) => JSON.stringify(errors ?? {}).includes('set_up_lost'));
    assert.equal(lost.length, 1);
    assert.equal(w.written().filter((write) => write === chip.start).length, 2, 'told once more');
  });

test('sgp30: 400 and 0 is nothing for 15 seconds, and clean air from then on', async (t) => {
  const w = await world(t, 'sgp30', 0x58, ({ readLength = 0 }) => ({
    bytes: bytesOf(readLength === 6 ? '01904C000081' : '0000810001B00002E3').slice(0, readLength),
  }));
  await w.poller.start();
  await w.clock.advance(14_000);
  assert.deepEqual([...new Set((await seenOf(w)).map(({ eco2 }) => eco2))], [null]);
  await w.clock.advance(5000);
  const { eco2, tvoc } = (await seenOf(w)).at(-1) ?? {};
  assert.deepEqual([eco2, tvoc], [400, 0]);
});

test('ina228 and ina237: a charge of -1 is one, and neither passes as the other', async (t) => {
  const registers: Record<string, string> = {
    '3E': '5449',
    '3F': '2281',
    '05': '0F0000',
    '0A': 'FFFFFFFFFF',
  };
  const chip = { has: { ...registers, '0B': '4002' }, measured: {}, starts: '', takesMs: 0 };
  const w = await world(t, 'ina228', 0x40);
  w.bus.behave(measuring(chip, w.clock));
  await w.poller.start();
  await w.clock.advance(3000);
  const { charge, bus_voltage: volts } = (await seenOf(w)).at(-1) ?? {};
  assert.deepEqual([volts, typeof charge === 'number' && charge < 0], [12, true]);
  for (const [type, id] of [
    ['ina237', '2281'],
    ['ina228', '2381'],
  ] as const) {
    const other = await world(t, type, 0x40);
    other.bus.behave(measuring({ ...chip, has: { ...chip.has, '3F': id } }, other.clock));
    await other.poller.start();
    await other.clock.advance(3000);
    const { availability } = other.poller.health()['it'] ?? {};
    assert.match(JSON.stringify(availability), /wrong_identity/, type);
  }
});
