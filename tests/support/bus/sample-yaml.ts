// A configuration around one sample, written as the inside of a YAML flow map.
import assert from 'node:assert/strict';
import { parseConfig } from '../../../gateway/config/load.js';
import type { Device, SampleSpec } from '../../../shared/device-type.js';
import { GatewayError } from '../../../shared/errors.js';

function around(sample: string, address: number): string {
  return `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  thing:
    samples:
      - { ${sample.startsWith('every:') ? '' : 'every: 1s, '}${sample} }
devices:
  thing-1: { type: thing, bus: main, address: ${String(address)} }
`;
}

/** `thing-1`, of a type that has this sample alone. */
export function deviceOf(sample: string, address = 0x20): Device {
  const device = parseConfig(around(sample, address), 'test.yaml').devices.get('thing-1');
  assert.ok(device);
  return device;
}

export function sampleOf(sample: string): SampleSpec {
  const [first] = deviceOf(sample).type.samples;
  assert.ok(first);
  return first;
}

/** What the loader says against it; fails where it says nothing. */
export function mistakesInSample(sample: string): string {
  try {
    parseConfig(around(sample, 0x20), 'test.yaml');
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'config_invalid');
    return error.message;
  }
  return assert.fail(`nothing was refused in: ${sample}`);
}

function aroundType(type: string, address: number): string {
  return `gateway: test
buses: { main: { path: /dev/i2c-none } }
types: { chip: { ${type} } }
devices: { it: { type: chip, bus: main, address: ${String(address)} } }
`;
}

/** `it`, of a type that is written as the inside of a YAML flow map. */
export function deviceOfType(type: string, address = 0x20): Device {
  const device = parseConfig(aroundType(type, address), 'test.yaml').devices.get('it');
  assert.ok(device);
  return device;
}

/** What the loader says against it; empty where it says nothing. */
export function mistakesInType(type: string): string {
  try {
    parseConfig(aroundType(type, 0x20), 'test.yaml');
    return '';
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'config_invalid');
    return error.message;
  }
}
