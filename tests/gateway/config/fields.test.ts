// Fields as written in YAML: what can't be right is refused with its place and what to do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFields } from '../../../shared/codec/fields.js';
import { mistakesInSample, sampleOf } from '../../support/bus/sample-yaml.js';

test('bits of two bytes are told apart by the byte they lie in, whatever their order', () => {
  const { fields } = sampleOf(
    'read: 2, fields: { a: { type: uint16be, bits: [0, 7] }, b: { type: uint16le, bits: [0, 7] } }',
  );
  assert.deepEqual(
    fields.map(({ id, at }) => [id, at]),
    [
      ['a', 0],
      ['b', 0],
    ],
  );
});

test('a hex text that means no value may be written in capitals', () => {
  const { fields } = sampleOf("read: 2, fields: { id: { type: hex, length: 2, none: ['FFfe'] } }");
  assert.deepEqual(decodeFields(Uint8Array.of(0xff, 0xfe), { fields }).errors, { id: 'no_value' });
});

test('fields stand one behind the other, unless they say where', () => {
  const { fields } = sampleOf(
    'read: 20, fields: { a: { type: float64le }, b: { type: text, length: 4 }, c: { type: uint8, at: 19 } }',
  );
  assert.deepEqual(
    fields.map(({ id, at }) => [id, at]),
    [
      ['a', 0],
      ['b', 8],
      ['c', 19],
    ],
  );
});

for (const [field, expected] of [
  ['type: text', /fields\.it: of type text needs length/],
  ['type: uint8, length: 2', /fields\.it\.length: has no meaning for type uint8/],
  ['type: bool, scale: 2', /fields\.it\.scale: has no meaning for type bool; remove it/],
  ['type: hex, length: 2, round: 1', /fields\.it\.round: has no meaning for type hex/],
  ['type: uint8, names: { 1: on }, max: 3', /fields\.it\.max: has no meaning for a field with names/],
  ['type: float32le, names: { 1: on }', /fields\.it\.names: need a whole number, not type float32le/],
  ['type: uint8, names: { 300: on }', /fields\.it\.names\.300: is 300, which uint8 can't hold \(0 to 255\)/],
  ['type: uint8, names: { on: 1 }', /fields\.it\.names\.on: a whole number/],
  ['type: uint8, none: [0xFFFF]', /fields\.it\.none\[0\]: is 65535, which uint8 can't hold/],
  ['type: uint8, none: [none]', /fields\.it\.none\[0\]: is a text, but uint8 is a number/],
  [
    'type: text, length: 2, none: [12]',
    /fields\.it\.none\[0\]: is a number, but text is a text; put it in quotes/,
  ],
  ['type: bit, bit: 1, none: [1]', /fields\.it\.none: has no meaning for type bit/],
  [
    'type: uint8, bits: [4, 8]',
    /fields\.it\.bits: are the lowest and the highest bit, from 0 to 7 for uint8/,
  ],
  ['type: uint8, bits: [4, 3]', /fields\.it\.bits: are the lowest and the highest bit/],
  ['type: uint8, bits: [4]', /fields\.it\.bits: the lowest and the highest bit, such as \[4, 7\]/],
  ['type: float32le, bits: [0, 3]', /fields\.it\.bits: need a whole number of up to 48 bits/],
  [
    'type: uint8, bits: [0, 2], none: [8]',
    /none\[0\]: is 8, which uint8, bits 0 to 2, can't hold \(0 to 7\)/,
  ],
  ["type: hex, length: 2, none: ['FFF']", /none\[0\]: is not the 2 bytes in hex, such as '00ff'/],
  ["type: hex, length: 2, none: ['none']", /none\[0\]: is not the 2 bytes in hex/],
  ["type: text, length: 2, none: ['n/a']", /none\[0\]: is longer than length, 2/],
  ["type: text, length: 3, none: ['- ']", /none\[0\]: has blanks around it/],
  ["type: uint8, names: { 1: on, '01': off }", /names\.01: is 1, which another line has already/],
  ['type: int8, min: 200', /fields\.it\.min: is above all that it can be \(-128 to 127\)/],
  ['type: uint8, scale: -0.5, offset: 10, max: -118', /max: is below all that it can be \(-117.5 to 10\)/],
  ['type: uint8, bits: [0, 3], min: 16', /min: is above all that it can be \(0 to 15\)/],
  [
    'type: uint8, calibrate: { points: [[0, 0], [100, 50], [200, 0]] }, min: 51',
    /min: is above all that it can be \(-27.5 to 50\)/,
  ],
  ['type: uint8, max_step: 5/d', /fields\.it\.max_step: a number above 0, or one per time: 2\/s/],
  ['type: uint8, max_step: 0/s', /fields\.it\.max_step: a number above 0/],
  ['type: uint8, max_step: 0', /fields\.it\.max_step: /],
  ['type: bool, median: 3', /fields\.it\.median: has no meaning for type bool/],
  ['type: uint8, median: 2', /fields\.it\.median: /],
  ['type: uint8, changes_within: 500ms', /fields\.it\.changes_within: is shorter than every/],
  ['type: uint8, calibrate: {}', /fields\.it\.calibrate: needs either points or a polynomial/],
  ['type: uint8, calibrate: { points: [[1, 2]] }', /fields\.it\.calibrate\.points: needs two points/],
  ['type: uint8, calibrate: { points: [[1, 2], [1, 3]] }', /points\[1\]: must have a higher first number/],
  ['type: uint8, calibrate: { points: [[1, 2], 3] }', /points\[1\]: a pair \[said, true\]/],
] as const) {
  test(`{ ${field} } is refused with its path`, () => {
    assert.match(mistakesInSample(`read: 4, fields: { it: { ${field} } }`), expected);
  });
}

for (const [name, sample, expected] of [
  [
    'bits that are taken',
    'read: 2, fields: { a: { type: uint8, bits: [0, 4] }, b: { type: uint8, bits: [4, 7] } }',
    /fields\.b: has bits of a field before it; if it lies in other bytes, say at which/,
  ],
  [
    'bits of one byte in two byte orders',
    'read: 2, fields: { a: { type: uint16be, bits: [0, 7] }, b: { type: uint16le, bits: [8, 15] } }',
    /fields\.b: has bits of a field before it/,
  ],
  [
    'a whole number in a split text',
    "read: 9, split: ',', fields: { a: { type: uint8 } }",
    /fields\.a\.type: is uint8, but a part of a split text is text or decimal/,
  ],
  [
    'a length in a split text',
    "read: 9, split: ',', fields: { a: { type: text, length: 3 } }",
    /fields\.a\.length: has no meaning in a split text/,
  ],
  [
    'a text past the reply',
    'read: 2, fields: { a: { type: text, length: 3 } }',
    /fields\.a: ends at byte 3, but only 2/,
  ],
] as const) {
  test(`${name} is refused with its path`, () => {
    assert.match(mistakesInSample(sample), expected);
  });
}
