// What is to be so of another field, and what a command's steps can't have, as written in YAML: refused with its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesInSample, mistakesInType, sampleOf } from '../../support/bus/sample-yaml.js';

const READ = '{ write: [1], read: 1, fields: { a: { type: uint8 } } }';

for (const [type, expected] of [
  [
    `commands: { x: { steps: [ ${READ}, { write: [2], only_if: { field: a, is: 0 } } ] } }`,
    /commands\.x\.steps\[1\]\.only_if: is for samples and constants/,
  ],
  [
    `on_connect: [ { steps: [ ${READ}, { write: [2], only_if: { field: a, is: 0 } } ] } ]`,
    /on_connect\[0\]\.steps\[1\]\.only_if: is for samples/,
  ],
  [
    'identify: { steps: [ { write: [1], only_if: { field: a, is: 0 } }, { write: [2], read: 1 } ], expect: [7] }',
    /identify\.steps\[0\]\.only_if: is for samples/,
  ],
  [
    'commands: { x: { steps: [ { write: [1], read: 1, fields: { a: { type: uint8, valid: { field: b, is: 0 } } } } ] } }',
    /commands\.x\.steps\[0\]\.fields\.a\.valid\.field: names b, which is no field of the same/,
  ],
  [
    'commands: { x: { steps: [ { write: [1], delay: 1s, read: 1, until_ready: { within: 7001ms, no_ack: true } } ] } }',
    /commands\.x\.steps: pause for 8001 ms, delay and until_ready\.within together/,
  ],
] as const)
  test(`{ ${type} } is refused with its path`, () => {
    assert.match(mistakesInType(type), expected);
  });

test('valid and until_ready are described in a command as in a sample', () => {
  const valid =
    'fields: { ok: { type: bit, bit: 2 }, a: { type: uint8, at: 1, valid: { field: ok, is: 1 } }, double: { compute: a * 2, valid: { field: ok, is: 1 } } }';
  const ready = 'until_ready: { within: 7s, no_ack: true }';
  const refused = mistakesInType(
    `commands: { x: { steps: [ { write: [1], delay: 1s, read: 2, ${ready}, ${valid} } ] } }`,
  );
  assert.equal(refused, '');
});

const NO_NUMBER = /v\.valid\.field: names it, which has no raw number that could be looked at/;

for (const [sample, expected] of [
  [
    'read: 5, fields: { it: { type: decimal, length: 4 }, v: { type: uint8, valid: { field: it, is: 1 } } }',
    NO_NUMBER,
  ],
  [
    'read: 5, fields: { it: { type: text, length: 4 }, v: { type: uint8, valid: { field: it, is: 1 } } }',
    NO_NUMBER,
  ],
  [
    "read: 5, split: ',', fields: { it: { type: decimal }, v: { type: decimal, valid: { field: it, is: 1 } } }",
    NO_NUMBER,
  ],
  [
    "steps: [ { read: 5, split: ',', fields: { it: { type: decimal } } }, { read: 1, only_if: { field: it, is: 1 }, fields: { v: { type: uint8 } } } ]",
    /steps\[1\]\.only_if\.field: names it, which has no raw number/,
  ],
  [
    'read: 2, fields: { a: { type: uint8 }, it: { compute: a > 1 }, v: { compute: a, valid: { field: it, is: 1 } } }',
    NO_NUMBER,
  ],
  [
    'read: 2, fields: { a: { type: uint8, valid: { field: it, min: 1 } }, it: { compute: a * 2 } }',
    /a\.valid\.field: names it, which is computed too late for it/,
  ],
  [
    'read: 5, fields: { it: { type: float32be }, v: { type: uint8, valid: { field: it, mask: 1, is: 1 } } }',
    /v\.valid\.mask: needs a whole number, and it is of type float32be/,
  ],
  [
    'read: 4, valid: { type: float32be, mask: 1, is: 1 }, fields: { v: { type: uint8 } }',
    /samples\[0\]\.valid\.mask: needs a whole number, not type float32be/,
  ],
  [
    'read: 2, fields: { it: { type: bit, bit: 3 }, v: { type: uint8, valid: { field: it, mask: 0x08, is: 0x08 } } }',
    /v\.valid\.mask: looks beside a field of one bit/,
  ],
  [
    'read: 2, fields: { it: { type: bit, bit: 3 }, v: { type: uint8, valid: { field: it, is: 8 } } }',
    /v\.valid\.is: is of a field of one bit, which is 0 or 1/,
  ],
] as const)
  test(`{ ${sample} } is refused with its path`, () => {
    assert.match(mistakesInSample(sample), expected);
  });

test('a computed field may look at one that was computed before it', () => {
  const { conversation } = sampleOf(
    'read: 1, fields: { a: { type: uint8 }, b: { compute: a * 2 }, c: { compute: b + 1, valid: { field: b, min: 1 } } }',
  );
  assert.deepEqual(
    conversation?.computed.map(({ id }) => id),
    ['b', 'c'],
  );
});
