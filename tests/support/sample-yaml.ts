// A configuration around one sample, written as the inside of a YAML flow map.
import assert from 'node:assert/strict';
import { parseConfig } from '../../gateway/config/load.js';
import type { Device, SampleSpec } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';

function around(sample: string): string {
  return `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  thing:
    samples:
      - { every: 1s, ${sample} }
devices:
  thing-1: { type: thing, bus: main, address: 0x20 }
`;
}

/** `thing-1` at 0x20, of a type that has this sample alone. */
export function deviceOf(sample: string): Device {
  const device = parseConfig(around(sample), 'test.yaml').devices.get('thing-1');
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
    parseConfig(around(sample), 'test.yaml');
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'config_invalid');
    return error.message;
  }
  return assert.fail(`nothing was refused in: ${sample}`);
}
