// Bytes → values, from descriptions as a user writes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFields } from '../../shared/codec/fields.js';
import { sampleOf } from '../support/bus/sample-yaml.js';

/** The only field of a reply of these bytes: its value, or the name of its error. */
function decoded(field: string, bytes: readonly number[]): unknown {
  const sample = sampleOf(`read: ${String(bytes.length)}, fields: { it: { ${field} } }`);
  const { values, errors } = decodeFields(Uint8Array.from(bytes), sample);
  return values['it'] ?? errors['it'];
}

const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];
const TEN = [0, 0, 0, 0, 0, 0, 0, 0x0a];
const NAN64 = [0x7f, 0xf8, 0, 0, 0, 0, 0, 0];

for (const [field, bytes, expected] of [
  // whole numbers
  ['type: int8', [0x80], -128],
  ['type: uint24be', [0x01, 0x02, 0x03], 0x010203],
  ['type: int40le', [0xfe, 0xff, 0xff, 0xff, 0xff], -2],
  ['type: uint48be', [0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc], 0x123456789abc],
  ['type: int56be', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], -2],
  ['type: uint64be', TEN, 10],
  ['type: int64le', [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -2],
  // 2^53 + 3 lies between two doubles: the nearest even one is 2^53 + 4.
  ['type: uint64be', [0x00, 0x20, 0, 0, 0, 0, 0, 0x03], 9007199254740996],
  // floats
  ['type: float32be', [0x41, 0xac, 0x00, 0x00], 21.5],
  ['type: float64le', [0, 0, 0, 0, 0, 0x80, 0x35, 0x40], 21.5],
  ['type: float64be', NAN64, 'not_a_number'],
  ['type: float32le, scale: 1e300', [0xff, 0xff, 0x7f, 0x7f], 'not_a_number'],
  // BCD
  ['type: bcd8', [0x59], 59],
  ['type: bcd16be', [0x20, 0x26], 2026],
  ['type: bcd32le', [0x78, 0x56, 0x34, 0x12], 12345678],
  ['type: bcd8', [0x5a], 'not_a_number'],
  // JavaScript takes these digits for 1 × 10^5.
  ['type: bcd16be', [0x01, 0xe5], 'not_a_number'],
  ['type: bcd8, names: { 1: on }', [0x0f], 'not_a_number'],
  // parts of the bits: DS1307's seconds without the halt bit, LM75's 11 bits on the left, a nibble below zero
  ['type: bcd8, bits: [0, 6]', [0xd9], 59],
  ['type: int16be, bits: [5, 15], scale: 0.125', [0xe7, 0x00], -25],
  ['type: uint8, bits: [2, 3]', [0b0000_1011], 2],
  ['type: int8, bits: [0, 3]', [0x9f], -1],
  // names, and what has none
  ['type: uint8, names: { 0: idle, 0x10: heating }', [0x10], 'heating'],
  ['type: int8, names: { -1: fault }', [0xff], 'fault'],
  ['type: uint8, names: { 0: idle }', [3], 'unknown_value'],
  // no value
  ['type: uint16le, none: [0xFFFF]', [0xff, 0xff], 'no_value'],
  ['type: int16le, none: [0x8000]', [0x00, 0x80], 'no_value'],
  ['type: int8, bits: [0, 3], none: [0x8]', [0x08], 'no_value'],
  ['type: float32le, none: [-999.9]', [0x9a, 0xf9, 0x79, 0xc4], 'no_value'],
  ['type: uint16le, none: [0xFFFF]', [0xfe, 0xff], 0xfffe],
  // scale, offset, rounding, limits
  ['type: uint8, scale: 0.5, offset: -40', [0x7d], 22.5],
  ['type: uint16le, scale: 0.01', [0x65, 0x08], 21.49],
  ['type: int16le, scale: 0.01, round: 1', [0x65, 0x08], 21.5],
  ['type: int8, scale: 0.01, round: 1', [0xff], 0],
  ['type: uint8, offset: 10, max: 20', [11], 'out_of_range'],
  ['type: uint8, offset: 10, max: 20', [10], 20],
  ['type: int8, scale: 0.5, min: -4', [0xf7], 'out_of_range'],
  ['type: int8, scale: 0.5, min: -4', [0xf8], -4],
  // text
  ['type: text, length: 6', [...ascii(' ab '), 0, 0x41], 'ab'],
  ['type: text, length: 4', [...ascii('ok'), 0xff, 0xff], 'ok'],
  ['type: text, length: 3', [0x61, 0xb0, 0x63], 'not_text'],
  ['type: text, length: 3, none: [n/a]', ascii('n/a'), 'no_value'],
  ['type: hex, length: 4', [0x00, 0xff, 0x0a, 0x01], '00ff0a01'],
  ['type: decimal, length: 6', [...ascii('-7.25'), 0], -7.25],
  ['type: decimal, length: 4, scale: 10, offset: 1', ascii('  .5'), 6],
  ['type: decimal, length: 4', ascii('0x10'), 'not_a_number'],
  ['type: decimal, length: 3', ascii('   '), 'not_a_number'],
  ['type: decimal, length: 3, none: [-99, "---"]', ascii('-99'), 'no_value'],
  ['type: decimal, length: 3, none: [-99, "---"]', ascii('---'), 'no_value'],
  // calibration
  ['type: uint16le, calibrate: { points: [[0, 0], [100, 50], [200, 200]] }', [150, 0], 125],
  ['type: uint16le, calibrate: { points: [[0, 0], [100, 50], [200, 200]] }', [50, 0], 25],
  ['type: uint16le, calibrate: { points: [[0, 0], [100, 50], [200, 200]] }', [100, 0], 50],
  ['type: uint16le, calibrate: { points: [[10, 0], [100, 90]] }', [4, 0], -6],
  ['type: uint16le, calibrate: { points: [[10, 0], [100, 90]] }', [110, 0], 100],
  ['type: uint8, scale: 0.1, offset: 1, calibrate: { polynomial: [1, 2, 3] }', [10], 17],
  ['type: uint8, calibrate: { polynomial: [0, 2] }, max: 100', [51], 'out_of_range'],
] as const) {
  test(`{ ${field} } of ${Buffer.from(bytes).toString('hex')} is ${String(expected)}`, () => {
    assert.deepEqual(decoded(field, bytes), expected);
  });
}

test('bits without a place share their bytes, and whole fields stand behind them', () => {
  const sample = sampleOf(
    [
      'read: 4, fields: { on: { type: bit, bit: 7 }, mode: { type: uint8, bits: [0, 2] }',
      'gain: { type: uint16be, bits: [12, 15] }, raw: { type: uint16be, bits: [0, 11] }, end: { type: uint8 } }',
    ].join(', '),
  );
  const { values } = decodeFields(Uint8Array.of(0x85, 0x31, 0x02, 0x09), sample);
  assert.deepEqual(values, { on: true, mode: 5, gain: 3, raw: 0x102, end: 9 });
});

const SPLIT = `read: 16, split: ',', fields: { temperature: { type: decimal }, state: { type: text }, ppm: { type: decimal, at: 3, none: [ERR] } }`;

test('a text is split into its parts, without spaces around them', () => {
  const sample = sampleOf(SPLIT);
  const body = Uint8Array.from([...ascii('21.5, warm ,x,400'), 0]).subarray(0, 17);
  assert.deepEqual(decodeFields(body, sample).values, { temperature: 21.5, state: 'warm', ppm: 400 });
  const { values, errors } = decodeFields(Uint8Array.from(ascii('a,warm,x,ERR')), sample);
  assert.deepEqual(values, { temperature: null, state: 'warm', ppm: null });
  assert.deepEqual(errors, { temperature: 'not_a_number', ppm: 'no_value' });
});

test('a text with too few parts, or that is no text, is not believed at all', () => {
  const sample = sampleOf(SPLIT);
  assert.throws(() => decodeFields(Uint8Array.from(ascii('21.5,warm,x')), sample), { code: 'short_reply' });
  assert.throws(() => decodeFields(Uint8Array.of(0xb0, 0x2c, 0x2c, 0x2c), sample), { code: 'not_text' });
});
