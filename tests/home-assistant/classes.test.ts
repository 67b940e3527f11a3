// The table of device classes is that of the real Home Assistant, and what we make of a unit is in it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { BINARY_CLASSES, SENSOR_CLASSES, stateClassOf } from '../../shared/home-assistant/classes.js';
import { INSIDE, ROOT, withoutHomeAssistant } from './home-assistant.js';

const ASKED = `
import json
from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.number import const as number
from homeassistant.components.sensor import const as sensor
units = lambda table: {name.value: sorted('' if unit is None else str(unit) for unit in of) for name, of in table.items()}
print(json.dumps({
    'sensor': units(sensor.DEVICE_CLASS_UNITS),
    'number': units(number.DEVICE_CLASS_UNITS),
    'states': {name.value: sorted(of) for name, of in sensor.DEVICE_CLASS_STATE_CLASSES.items()},
    'binary': sorted(name.value for name in BinarySensorDeviceClass),
}))`;

interface Answer {
  readonly sensor: Readonly<Record<string, readonly string[]>>;
  readonly number: Readonly<Record<string, readonly string[]>>;
  readonly states: Readonly<Record<string, readonly string[]>>;
  readonly binary: readonly string[];
}

test(
  'device classes, their units and state classes are those of Home Assistant',
  { skip: withoutHomeAssistant },
  () => {
    const said = execFileSync(INSIDE, [ROOT, 'python', '-c', ASKED], { encoding: 'utf8' });
    const real = JSON.parse(said) as Answer;
    const ours = Object.entries(SENSOR_CLASSES).map(([name, units]) => [name, [...units].sort()]);
    assert.deepEqual(Object.fromEntries(ours), real.sensor);
    assert.deepEqual([...BINARY_CLASSES].sort(), real.binary);
    for (const name of Object.keys(SENSOR_CLASSES) as (keyof typeof SENSOR_CLASSES)[]) {
      assert.ok(real.states[name]?.includes(stateClassOf(name)), name);
      // Of a number the same, but that a unit which may be left out is left out of the list.
      const units = SENSOR_CLASSES[name].filter((unit) => unit !== '');
      assert.deepEqual(
        real.number[name]?.filter((unit) => unit !== ''),
        [...units].sort(),
        name,
      );
    }
  },
);
