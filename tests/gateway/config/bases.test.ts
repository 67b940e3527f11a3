// Types that are made of another, and what a device has of its own: as written, and what can't be so in words.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chipLibrary } from '../../../gateway/config/library.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { asGatewayError } from '../../../shared/errors.js';
import type { Device } from '../../../shared/device-type.js';

function deviceOf(types: string, own = ''): Device {
  const yaml = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
${types}
devices: { it: { type: it, bus: main, address: 0x40${own} } }
`;
  const device = parseConfig(yaml, 'test.yaml').devices.get('it');
  assert.ok(device);
  return device;
}

function mistake(types: string, own = ''): string {
  try {
    deviceOf(types, own);
  } catch (thrown) {
    return asGatewayError(thrown).message;
  }
  return assert.fail('nothing was refused');
}

const TANK = `  tank:
    label: Tank
    rest: 2ms
    parameters: { area: { default: 2, min: 0.1 } }
    samples:
      - every: 1s
        read: 2
        fields: { raw: { type: uint16be, hidden: true }, litres: { compute: raw * area } }
    commands: { stop: { write: [0x40] }, pump: { args: { on: { type: bool } }, write: [0x20, $on] } }`;

test('a chip of the library, with what is given beside it', () => {
  const { type } = deviceOf('  it: { use: bme280, label: On the roof, rest: 5ms }');
  assert.equal(type.label, 'On the roof');
  assert.equal(type.restMs, 5);
  assert.deepEqual(
    type.samples[0]?.fields.map(({ id }) => id),
    ['temperature', 'pressure', 'humidity'],
  );
  assert.match(
    mistake('  it: { use: bme2800 }'),
    /types\.it\.use: names bme2800, which the library does not have; there are bme280/,
  );
  assert.match(mistake('  it: { use: ../example/greenhouse }'), /types\.it\.use/);
});

test('a kind of another type: its commands and parameters one by one, all else as a whole', () => {
  const { type } = deviceOf(`${TANK}
  it: { extends: tank, parameters: { depth: { default: 1 } }, commands: { stop: { write: [0x41] } } }`);
  assert.equal(type.label, 'Tank');
  assert.deepEqual([...type.parameters.keys()], ['area', 'depth']);
  assert.deepEqual([...type.commands.keys()], ['stop', 'pump']);
  assert.deepEqual(type.commands.get('stop')?.write, [0x41]);
  assert.match(mistake('  it: { extends: tank }'), /extends: names tank, which types does not describe/);
  assert.match(mistake('  it: { extends: it }'), /extends: leads back to itself: extends it, extends it/);
  assert.match(mistake('  it: { use: bme280, extends: tank }'), /extends: goes without use/);
});

test('a device has its own interval, parameters and calibration; others of its type have not', () => {
  const yaml = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
${TANK}
devices:
  it: { type: tank, bus: main, address: 8, every: 30s, parameters: { area: 5 }, calibrate: { litres: { polynomial: [1, 2] } } }
  other: { type: tank, bus: main, address: 9 }
`;
  const { devices } = parseConfig(yaml, 'test.yaml');
  const [own, other] = ['it', 'other'].map((id) => devices.get(id)?.type);
  assert.deepEqual([own?.samples[0]?.everyMs, other?.samples[0]?.everyMs], [30_000, 1000]);
  assert.deepEqual([own?.parameters.get('area'), other?.parameters.get('area')], [5, 2]);
  assert.deepEqual(own?.samples[0]?.fields[0]?.calibration, { kind: 'polynomial', coefficients: [1, 2] });
  assert.equal(other?.samples[0]?.fields[0]?.calibration, undefined);
  assert.equal(own.id, 'tank');
});

test('one of several alike has its own calibration, and lies where it lay', () => {
  for (const [fields, calibrated] of [
    ['{ level: { type: uint8, each: 3, label: Level }, end: { type: uint8 } }', 'level_2'],
    ['{ level: { type: uint8, each: 3, at: 1, stride: 4 }, end: { type: uint8 } }', 'level_3'],
  ] as const) {
    const type = `  it: { samples: [ { every: 1s, read: 12, fields: ${fields} } ] }`;
    const plain = deviceOf(type).type.samples[0]?.fields ?? [];
    const own =
      deviceOf(type, `, calibrate: { ${calibrated}: { polynomial: [1, 2] } }`).type.samples[0]?.fields ?? [];
    const calibration = { kind: 'polynomial', coefficients: [1, 2] };
    assert.deepEqual(
      own,
      plain.map((field) => (field.id === calibrated ? { ...field, calibration } : field)),
    );
  }
});

test('what a device can’t have is said at its line', () => {
  const it = TANK.replace('tank:', 'it:');
  assert.match(
    mistake(it, ', parameters: { depth: 1 }'),
    /devices\.it\.parameters\.depth: is no parameter of the type; there are area/,
  );
  assert.match(mistake(it, ', parameters: { area: 0 }'), /devices\.it\.parameters\.area: is below 0\.1/);
  assert.match(
    mistake(it, ', calibrate: { deep: { polynomial: [0, 1] } }'),
    /devices\.it\.calibrate\.deep: is no field of the type; there are litres/,
  );
});

test('types lists the chips of the library, and prints the description of one', async () => {
  const main = fileURLToPath(new URL('../../../gateway/main.js', import.meta.url));
  const run = async (...words: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [main, 'types', ...words])).stdout;
  const list = await run();
  assert.equal(list.trim().split('\n').length, chipLibrary.names.length);
  assert.match(list, /^bme280 +Temperature, pressure and humidity/m);
  assert.match(await run('scd4x'), /^# Sensirion SCD40.*Data sheet/);
  await assert.rejects(run('bme'), /library has no bme/);
});
