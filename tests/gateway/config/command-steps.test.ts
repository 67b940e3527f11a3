// What a command's steps can't have: refused with its place, and never cut or dropped without a word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesInSample, mistakesInType } from '../../support/bus/sample-yaml.js';

function modifying(argument: string, modify: string, more = ''): string {
  return `commands: { x: { args: { to: { ${argument} } }, steps: [ { write: [1], read: 1${more}, modify: { value: $to, ${modify} } } ] } }`;
}

const A = 'fields: { a: { type: uint8 } }';

for (const [type, expected] of [
  [
    modifying('type: uint8', 'mask: 0x0C'),
    /x\.steps\[0\]\.modify\.value: may be 0 to 255, which the bits of mask 0xC can’t hold \(0 to 3\); give the argument to/,
  ],
  [modifying('type: int8, min: -3, max: 1', 'mask: 0x0C'), /modify\.value: may be -3 to 1, which/],
  [modifying('type: bcd8, max: 40', 'mask: 0x3F'), /modify\.value: may be 0 to 40, which/],
  [modifying('type: float32le, max: 1, min: 0', 'mask: 1'), /modify\.value: is of type float32le; bits/],
  [modifying('type: uint8, max: 1', 'mask: 0x05'), /modify\.value: stands at bits that are not side by side/],
  [modifying('type: bool', 'mask: 0x100'), /modify\.mask: is 0x100, and one byte is read/],
  [
    'commands: { x: { steps: [ { read: 1, modify: { mask: 0x0C, value: 4 } } ] } }',
    /x\.steps\[0\]\.modify\.value: is 4, which the bits of mask 0xC/,
  ],
  [
    modifying('type: bool', 'mask: 1', ', write_check: { kind: crc8, each: 2, skip: 1 }'),
    /x\.steps\[0\]\.write_check\.each: does not divide the 1 bytes/,
  ],
  [
    `commands: { x: { steps: [ { read: 1, ${A} }, { read: 1, ${A} } ] } }`,
    /x\.steps\[1\]\.fields\.a: is a field of an earlier step too \(a\)/,
  ],
  [
    `commands: { x: { steps: [ { read: 1, ${A} } ], fields: { a: { compute: '1' } } } }`,
    /x\.fields\.a: is a field of an earlier step too/,
  ],
  [
    `commands: { x: { steps: [ { read: 1, fields: { a_2: { type: uint8 } } }, { read: 2, fields: { a: { type: uint8, each: 2 } } } ] } }`,
    /x\.steps\[1\]\.fields\.a: is a field of an earlier step too \(a_2\)/,
  ],
  [
    'commands: { x: { write: [1], verify: { read: 1, steps: [ { write: [1], read: 1 } ], equals: [1] } } }',
    /x\.verify\.read: goes into one of the steps/,
  ],
  [
    'commands: { x: { write: [1], verify: { steps: [ { read: 1 }, { write: [1] } ], equals: [1] } } }',
    /x\.verify\.steps: the last one has to read/,
  ],
  ['commands: { x: { write: [1], verify: { read: 1, equals: [1] } } }', /x\.verify\.write: is missing/],
] as const)
  test(`{ ${type} } is refused with its path`, () => {
    assert.match(mistakesInType(type), expected);
  });

test('so is a computed field of a sample that has the id of one that is read', () => {
  assert.match(
    mistakesInSample(`steps: [ { read: 1, ${A} } ], fields: { a: { compute: '1' } }`),
    /samples\[0\]\.fields\.a: is a field of an earlier step too/,
  );
});
