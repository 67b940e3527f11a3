// Numbers keep the digits they have, and a sentinel of the largest number is one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../gateway/config/load.js';
import { decodeFields } from '../../shared/codec/fields.js';
import { toValue } from '../../shared/codec/number-value.js';

function read(field: string, bytes: readonly number[]): unknown {
  const yaml = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types: { t: { samples: [{ every: 1s, read: ${String(bytes.length)}, fields: { x: ${field} } }] } }
devices: { one: { type: t, bus: main, address: 8 } }`;
  const [sample] = parseConfig(yaml, 'f.yaml').devices.get('one')?.type.samples ?? [];
  assert.ok(sample !== undefined);
  const { values, errors } = decodeFields(Uint8Array.from(bytes), sample);
  return errors['x'] ?? values['x'];
}

test('a scale or an offset costs no digit that was there, and adds none', () => {
  assert.equal(toValue(1_767_000_000_123_456, { scale: 0.001 }), 1_767_000_000_123.456);
  assert.equal(toValue(1_767_000_000_123, { offset: 3_600_000 }), 1_767_003_600_123);
  assert.equal(toValue(-1_217_575_097, { scale: 1 / 256 }), -4_756_152.72265625);
  assert.equal(toValue(2149, { scale: 0.01 }), 21.49);
  assert.equal(toValue(4001, { scale: 0.01, offset: -40 }), 0.01);
  assert.equal(toValue(4000, { scale: 0.01, offset: -40 }), 0);
  for (let raw = 0; raw < 65_536; raw += 7)
    assert.equal(toValue(raw, { scale: 0.01, offset: -40 }), Number((raw / 100 - 40).toFixed(2)));
});

const FF = 0xff;

test('the largest and the smallest number of 56 and 64 bits can be "no value"', () => {
  const largest = [0x7f, FF, FF, FF, FF, FF, FF, FF];
  assert.equal(read('{ type: int64be, none: [0x7FFFFFFFFFFFFFFF] }', largest), 'no_value');
  assert.equal(
    read('{ type: int64be, none: [0x8000000000000000] }', [0x80, 0, 0, 0, 0, 0, 0, 0]),
    'no_value',
  );
  assert.equal(
    read('{ type: uint64be, none: [0xFFFFFFFFFFFFFFFF] }', Array(8).fill(FF) as number[]),
    'no_value',
  );
  assert.equal(
    read('{ type: int56be, none: [0x7FFFFFFFFFFFFF] }', [0x7f, FF, FF, FF, FF, FF, FF]),
    'no_value',
  );
  assert.equal(read('{ type: int64be, none: [0x7FFFFFFFFFFFFFFF] }', [0, 0, 0, 0, 0, 0, 0, 9]), 9);
  assert.throws(
    () => read('{ type: uint64be, none: [0x1FFFFFFFFFFFFFFFF] }', Array(8).fill(0) as number[]),
    /can't hold/,
  );
});

test('a median of an even number is refused', () => {
  assert.throws(() => read('{ type: uint8, median: 4 }', [1]), /must be odd/);
});
