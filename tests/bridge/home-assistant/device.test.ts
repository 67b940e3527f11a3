// What Home Assistant is told of a device, kind by kind. That it takes it is shown with the real one: tests/home-assistant/.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { deviceMessage, describeForHome, MOST_COMPONENTS } from '../../../bridge/home-assistant/device.js';
import { EVENT_TYPES } from '../../../bridge/home-assistant/event-types.js';
import { removalMessage } from '../../../bridge/home-assistant/removal.js';
import type { SensorComponent } from '../../../bridge/home-assistant/payload.js';
import { isSensorClass, takesUnit } from '../../../shared/home-assistant/classes.js';
import { exampleConfig } from '../../../gateway/process/paths.js';
import { AWKWARD, EVERY_KIND } from '../../support/every-kind.js';
import { read, sourceFiles } from '../../support/repository.js';
import { componentsOf, configOf, deviceOf, siteOf, told, type Plain } from './told.js';

const example = configOf(parse(readFileSync(exampleConfig, 'utf8')));
const patterns = configOf(parse(readFileSync(exampleConfig.replace('greenhouse', 'patterns'), 'utf8')));
const everyKind = configOf(EVERY_KIND);
const all = componentsOf(everyKind, 'all-1');

test('every field and every command of the example and of all patterns is an entity', () => {
  for (const config of [example, patterns, everyKind])
    for (const { id, type } of config.devices.values()) {
      const keys = Object.keys(componentsOf(config, id)).join(' ');
      const fields = type.samples.flatMap(({ fields: of }) => of);
      for (const field of fields) assert.match(keys, new RegExp(`sensor_field_${field.id}( |$)`));
      for (const command of type.commands.values()) {
        const isLeftOut = ['both', 'fixed'].includes(command.id);
        assert.equal(new RegExp(`_command_${command.id}( |$)`).test(keys), !isLeftOut, command.id);
      }
    }
});

test('no two have the same id, and each entity id has its domain', () => {
  const components = [example, patterns, everyKind].flatMap((config) =>
    told(config).flatMap(({ payload }) => Object.entries(payload.components)),
  );
  const ids = components.map(([, component]) => ('unique_id' in component ? component.unique_id : ''));
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
  for (const [key, component] of components) {
    assert.ok(key.startsWith(`${component.platform}_`), key);
    const entity = 'default_entity_id' in component ? component.default_entity_id : '';
    assert.match(entity, new RegExp(`^${component.platform}\\.[a-z0-9_]+$`));
  }
});

test('the gateway comes before those that name it, and each is its own device', () => {
  const [own, ...devices] = told(example).map(({ payload }) => payload.device);
  assert.ok(own !== undefined && devices.length === example.devices.size);
  for (const device of devices) assert.equal(device.via_device, own.identifiers[0]);
  const identifiers = [own, ...devices].map((device) => device.identifiers[0]);
  assert.equal(new Set(identifiers).size, identifiers.length);
});

test('a unit is written as Home Assistant does, with a class only where that takes it', () => {
  const meant = (field: string): readonly unknown[] => {
    const component = all[`sensor_field_${field}`];
    return [component?.['unit_of_measurement'], component?.['device_class'], component?.['state_class']];
  };
  assert.deepEqual(meant('celsius'), ['°C', 'temperature', 'measurement']);
  assert.deepEqual(meant('air'), ['%', 'humidity', 'measurement']);
  assert.deepEqual(meant('soil_moisture'), ['%', 'moisture', 'measurement']);
  assert.deepEqual(meant('share'), ['%', undefined, 'measurement']);
  assert.deepEqual(meant('odd'), ['furlong', undefined, 'measurement']);
  assert.deepEqual(meant('co2'), ['ppm', 'carbon_dioxide', 'measurement']);
  assert.deepEqual(meant('dust'), ['μg/m³', 'pm25', 'measurement']);
  assert.deepEqual(meant('charge'), ['kWh', 'energy', 'total_increasing']);
  assert.deepEqual(meant('ph'), [undefined, 'ph', 'measurement']);
  assert.equal(all['sensor_field_celsius']?.['suggested_display_precision'], 2);
  assert.equal(all['sensor_field_exact']?.['suggested_display_precision'], 1);
  assert.equal(all['binary_sensor_field_door']?.['device_class'], 'door');
});

test('no number has a class that refuses its unit', () => {
  const battery = componentsOf(patterns, 'battery-1')['sensor_field_voltage'];
  assert.deepEqual([battery?.['device_class'], battery?.['unit_of_measurement']], ['voltage', 'mV']);
  const pololu = componentsOf(patterns, 'pololu-1')['sensor_field_battery'];
  assert.deepEqual([pololu?.['device_class'], pololu?.['unit_of_measurement']], ['voltage', 'mV'], 'not %');
  for (const { payload } of [patterns, example, everyKind].flatMap(told))
    for (const [key, component] of Object.entries(payload.components)) {
      const { device_class: of, unit_of_measurement: unit }: Partial<SensorComponent> = component as object;
      if (/^(sensor|number)/.test(key) && of !== undefined && of !== 'enum')
        assert.ok(isSensorClass(of) && takesUnit(of, unit), `${key}: ${of}, ${unit ?? 'no unit'}`);
    }
});

test('a field expires after three readings that did not come, and not before a minute', () => {
  assert.equal(all['sensor_field_celsius']?.['expire_after'], 180);
  assert.equal(all['sensor_field_glow']?.['expire_after'], 60);
});

test('a command is of the kind of its only argument, and shows the field of its name', () => {
  const state = { state_topic: 'iot/bench/device/all-1/state' };
  const has = (key: string, wanted: Plain): void => {
    assert.deepEqual({ ...all[key], ...wanted }, all[key], key);
  };
  has('button_command_restart', { command_topic: 'iot/bench/device/all-1/command/restart' });
  has('switch_command_valve', { ...state, payload_on: 'true', state_on: 'True', state_off: 'False' });
  has('select_command_mode', { ...state, options: ['off', AWKWARD, 'on'] });
  has('select_command_preset', { options: ['low', AWKWARD] });
  has('text_command_banner', { ...state, max: 255, pattern: '^[ -~]*$' });
  has('text_command_short', { ...state, max: 2 });
  has('number_command_target', {
    min: 5,
    max: 30,
    step: 0.1,
    unit_of_measurement: '°C',
    device_class: 'temperature',
  });
  has('number_command_huge', { min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, step: 0.001 });
  has('light_command_glow', { ...state, schema: 'template' });
  has('light_command_lantern', state);
  assert.equal(
    all['number_command_target']?.['state_topic'],
    state.state_topic,
    'by the name of its argument',
  );
  assert.equal(all['light_command_blind']?.['state_topic'], undefined);
  assert.equal(all['light_command_lantern']?.['brightness_template'], undefined);
  assert.deepEqual(describeForHome(deviceOf(everyKind, 'all-1'), siteOf(everyKind)).leftOut, [
    'fixed',
    'both',
  ]);
});

test('a command has an id that is no other’s, and an end', () => {
  for (const [key, component] of Object.entries(all)) {
    const templates = Object.entries(component).filter(([name]) => /^command.*_template$/.test(name));
    assert.equal(templates.length > 0, component['command_topic'] !== undefined, key);
    for (const [, template] of templates) assert.match(String(template), /\| random \}\}".*"expires":/);
  }
});

test('what nobody may say: no value_json.values, no key that Home Assistant does not know at the top', () => {
  for (const { payload } of [example, patterns, everyKind].flatMap(told)) {
    assert.doesNotMatch(JSON.stringify(payload), /value_json\.values|object_id|message_expiry/);
    const known = ['device', 'origin', 'qos', 'availability', 'availability_mode', 'components'];
    assert.deepEqual(
      Object.keys(payload).filter((key) => !known.includes(key)),
      [],
    );
  }
});

test('an alarm is a problem that is on while it is raised, also where its device is away', () => {
  const components = componentsOf(example, 'tank-1');
  assert.deepEqual(components['binary_sensor_alarm_level_high'], {
    ...{ platform: 'binary_sensor', device_class: 'problem', name: 'Too full' },
    unique_id: 'greenhouse/tank-1/alarm/level_high',
    default_entity_id: 'binary_sensor.greenhouse_tank_1_level_high_alarm',
    state_topic: 'iot/greenhouse/device/tank-1/alarm/level_high',
    json_attributes_topic: 'iot/greenhouse/device/tank-1/alarm/level_high',
    value_template: '{{ value_json.state if value_json is defined }}',
    ...{ payload_on: 'raised', payload_off: 'clear' },
    availability: [
      {
        topic: 'iot/greenhouse/status',
        value_template: "{{ value_json.state if value_json is defined else 'offline' }}",
      },
    ],
  });
  assert.equal(components['binary_sensor_alarm_away']?.['name'], 'Away');
});

test('what is gone is named with its platform alone', () => {
  const device = deviceOf(example, 'tank-1');
  const gone = ['sensor_field_salt', 'binary_sensor_field_lid', 'number_command_pump', 'nonsense'];
  const { components } = deviceMessage(device, siteOf(example), gone).payload;
  assert.deepEqual(components['sensor_field_salt'], { platform: 'sensor' });
  assert.deepEqual(components['binary_sensor_field_lid'], { platform: 'binary_sensor' });
  assert.ok('unique_id' in (components['number_command_pump'] ?? {}), 'it is there');
  assert.ok(!('nonsense' in components));
  const { topic, payload } = removalMessage('homeassistant/device/greenhouse/tank-3/config', gone, '1');
  assert.equal(topic, 'homeassistant/device/greenhouse/tank-3/config');
  assert.deepEqual(Object.values(payload.components), [
    { platform: 'sensor' },
    { platform: 'binary_sensor' },
    { platform: 'number' },
  ]);
});

test('a message is bounded, and says what is left out', () => {
  const bits = (from: number): object =>
    Object.fromEntries(
      Array.from({ length: 200 }, (_, bit) => [
        `b${String(from + bit)}`,
        { type: 'bit', at: Math.floor(bit / 8), bit: bit % 8 },
      ]),
    );
  const samples = [0, 200, 400].map((from) => ({
    every: '1h',
    write: [from / 200],
    read: 32,
    fields: bits(from),
  }));
  const config = configOf({
    ...{ gateway: 'bench', buses: EVERY_KIND.buses, types: { all: { samples } } },
    devices: { many: { type: 'all', bus: 'main', address: 0x20 } },
  });
  const [many, site] = [deviceOf(config, 'many'), siteOf(config)];
  const { components, leftOut } = describeForHome(many, site);
  assert.deepEqual([components.size, leftOut.length], [MOST_COMPONENTS, 601 - MOST_COMPONENTS]);
  assert.ok(JSON.stringify(deviceMessage(many, site, [])).length < 250_000);
});

test('every type of event that the code says is one that Home Assistant was told of, and stands in docs/topics.md', () => {
  const code = sourceFiles()
    .filter((path) => !path.startsWith('tests/') && !path.endsWith('event-types.ts'))
    .map(read)
    .join('\n');
  const lines = code.split('\n').filter((line) => line.includes("type: '"));
  const said = lines.flatMap((line) =>
    [...line.matchAll(/'([a-z]+\.[a-z_]+)'/g)].map(([, type = '']) => type),
  );
  assert.ok(said.includes('bus.down') && said.includes('output.left_on'));
  assert.deepEqual(
    said.filter((type) => !EVENT_TYPES.some((known) => known === type)),
    [],
  );
  for (const type of EVENT_TYPES) assert.ok(read('docs/topics.md').includes(`\`${type}\``), type);
});
