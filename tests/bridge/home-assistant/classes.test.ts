// What a quantity is to Home Assistant, and what is refused beforehand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../gateway/config/load.js';
import { checkConfig } from '../../../shared/config/check.js';
import { EVERY_KIND } from '../../support/every-kind.js';
import { componentsOf } from './told.js';

test('a charge in C is no temperature, and a difference of two is none that can be beside freezing', () => {
  const chips = parseConfig(
    `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  power: { use: ina228 }
  probe: { use: mcp9600 }
  cell: { samples: [ { every: 1s, read: 4, fields: { cell_charge_2: { type: uint16be, unit: C }, cell: { type: uint16be, unit: C } } } ] }
devices:
  power: { type: power, bus: main, address: 0x40 }
  probe: { type: probe, bus: main, address: 0x60 }
  cell: { type: cell, bus: main, address: 0x20 }
`,
    'test.yaml',
  );
  const shown = (device: string, field: string): unknown => {
    const component = componentsOf(chips, device)[`sensor_field_${field}`];
    return [component?.['unit_of_measurement'], component?.['device_class']];
  };
  assert.deepEqual(shown('power', 'charge'), ['C', undefined]);
  assert.deepEqual(shown('power', 'die_temperature'), ['°C', 'temperature']);
  assert.deepEqual(shown('cell', 'cell_charge_2'), ['C', undefined]);
  assert.deepEqual(shown('cell', 'cell'), ['°C', 'temperature']);
  assert.deepEqual(shown('probe', 'delta'), ['°C', 'temperature_delta']);
  assert.deepEqual(shown('probe', 'ambient'), ['°C', 'temperature']);
});

test('a class or a field that does not fit is refused by check', () => {
  const wrong = JSON.parse(JSON.stringify(EVERY_KIND)) as {
    types: { all: { samples: [{ fields: Record<string, object> }]; commands: Record<string, object> } };
  };
  const { commands, samples } = wrong.types.all;
  const [{ fields }] = samples;
  Object.assign(fields['celsius'] ?? {}, { class: 'humidity' });
  Object.assign(fields['valve'] ?? {}, { class: 'temperature' });
  Object.assign(commands['mode'] ?? {}, { field: 'valve' });
  Object.assign(commands['restart'] ?? {}, { as: 'light' });
  Object.assign(commands['glow'] ?? {}, { field: 'nowhere' });
  const checked = checkConfig(wrong);
  assert.ok(!checked.ok);
  assert.deepEqual(checked.problems.map(({ path }) => path.slice(2).join('.')).sort(), [
    'commands.glow.field',
    'commands.mode.field',
    'commands.restart.as',
    'samples.0.fields.celsius.class',
    'samples.0.fields.valve.class',
  ]);
});
