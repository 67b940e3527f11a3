// What a command takes, and the bytes that become of it: texts, decimals, names, numbers with an offset, and what is computed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDevice } from '../../bridge/polling/meta.js';
import { checkArguments } from '../../shared/check-arguments.js';
import { commandWrite, encodeArguments } from '../../shared/codec/write/command-bytes.js';
import { asGatewayError } from '../../shared/errors.js';
import { deviceOfType, mistakesInType } from '../support/bus/sample-yaml.js';

/** What `{ <argument> }` makes of the value, behind the byte FE; or the code of the error with its words. */
function written(argument: string, value: unknown, more = ''): string {
  const device = deviceOfType(
    `parameters: { factor: { default: 2 } }, commands: { x: { args: { to: { ${argument} }${more} }, write: [0xFE, ${more === '' ? '$to' : '$made'}] } }`,
  );
  const spec = device.type.commands.get('x');
  assert.ok(spec);
  try {
    const args = checkArguments(spec, new Map([['to', value]]));
    return Buffer.from(commandWrite(spec, encodeArguments(spec, args, device.type.parameters), 9))
      .toString('latin1')
      .slice(1);
  } catch (thrown) {
    const { code, message } = asGatewayError(thrown);
    return `${code}: ${message}`;
  }
}

test('a text is as long as it is, or filled up', () => {
  assert.equal(written('type: text, length: 16, pad: 0x20', 'Tank 80 %'), 'Tank 80 %       ');
  assert.equal(written('type: text, length: 16', 'Tank 80 %'), 'Tank 80 %');
  assert.equal(written('type: text, length: 3, pad: 0', ''), '\0\0\0');
  assert.match(written('type: text, length: 3', ''), /^bad_argument: to must not be empty/);
  assert.match(
    written('type: text, length: 3', 'abcd'),
    /has 4 characters as it is written, and 3 are taken: "abcd"/,
  );
  assert.match(written('type: text, length: 9', '80 °C'), /must be of ASCII characters; "°" is none/);
  assert.match(written('type: text, length: 9', 'a\nb'), /^bad_argument: to must be of ASCII/);
  assert.match(written('type: text, length: 9', 80), /must be a text in quotes, not 80/);
});

test('a decimal is a number in ASCII, with a point and no exponent', () => {
  assert.equal(written('type: decimal, length: 6', 19.5), '19.5');
  assert.equal(written('type: decimal, length: 6, round: 2', 19.5), '19.50');
  assert.equal(written('type: decimal, length: 6, pad: 0', -3), '-3\0\0\0\0');
  assert.equal(written('type: decimal, length: 12', 1.5e-7), '0.00000015');
  assert.match(
    written('type: decimal, length: 4', 123.45),
    /has 6 characters as it is written, and 4 are taken/,
  );
  assert.match(written('type: decimal, length: 4, max: 14', 15), /must be from -?\d+ to 14, not 15/);
  assert.match(written('type: decimal, length: 4', '19,5'), /must be a number: write 19.5, not "19,5"/);
});

test('a name is its number, and the nearest is told of one that there is not', () => {
  const mode = 'type: uint16be, names: { 0: off, 1: heat, 0x1234: cool }';
  assert.equal(written(mode, 'cool'), '\x12\x34');
  assert.equal(written(mode, 1), '\0\x01');
  assert.match(
    written(mode, 'cooll'),
    /^bad_argument: to must be one of its names, not "cooll"; did you mean cool/,
  );
  assert.match(written(mode, 2), /not 2; there are: off, heat, cool/);
});

test('an offset is taken off before the scale', () => {
  assert.equal(written('type: uint8, scale: 0.5, offset: -40', 20), '\x78');
  assert.match(written('type: uint8, scale: 0.5, offset: -40', 88), /from -40 to 87.5/);
});

test('what is computed is computed of arguments and parameters, and is never cut', () => {
  const made = ", made: { type: uint8, compute: 'to * factor + 1', max: 200 }";
  assert.equal(written('type: uint8', 30, made), '=');
  assert.match(
    written('type: uint8', 100, made),
    /^bad_argument: made is computed and has to be from 0 to 200, but it is 201/,
  );
  assert.match(
    written('type: uint8', 1, ", made: { type: decimal, length: 4, compute: 'to / 3' }"),
    /^bad_argument: made is computed .* with more characters than the 4 that are taken/,
  );
  assert.match(
    written('type: uint8', 0, ", made: { type: uint8, compute: '1 / to' }"),
    /made is computed .* but no number comes out/,
  );
});

test('front ends are told what an argument takes', () => {
  const device = deviceOfType(
    `commands: { x: { args: { a: { type: uint8 }, b: { type: uint8, scale: 0.5 }, c: { type: float32be }, d: { type: decimal, length: 6, round: 1 },
      e: { type: text, length: 16 }, f: { type: uint8, names: { 0: off, 1: on } }, g: { type: bool }, h: { type: uint8, compute: 'a + 1' } },
      write: [$a, $b, $c, $d, $e, $f, $g, $h] } }`.replaceAll(/\s+/g, ' '),
  );
  const told = describeDevice(device).commands['x']?.args ?? {};
  const limits = Object.fromEntries(
    Object.entries(told).map(([id, { min: _min, max: _max, ...rest }]) => [id, rest]),
  );
  assert.deepEqual(limits, {
    a: { type: 'number', integer: true, step: 1 },
    b: { type: 'number', step: 0.5 },
    c: { type: 'number' },
    d: { type: 'number', step: 0.1 },
    e: { type: 'string', maxLength: 16 },
    f: { type: 'string', names: ['off', 'on'] },
    g: { type: 'boolean' },
  });
});

for (const [args, expected] of [
  ['a: { type: text }', /args\.a: of type text needs length/],
  ['a: { type: text, length: 4, max: 3 }', /args\.a\.max: has no meaning for type text/],
  ['a: { type: uint8, length: 4 }', /args\.a\.length: has no meaning for type uint8/],
  ['a: { type: decimal, length: 4, scale: 0.1 }', /args\.a\.scale: has no meaning for type decimal/],
  ['a: { type: bool, names: { 0: off } }', /args\.a\.names: need a whole number, not type bool/],
  ['a: { type: uint8, names: { 256: off } }', /args\.a\.names\.256: is 256, which uint8 can't hold/],
  ['a: { type: uint8, names: { 0: off }, default: on }', /args\.a\.default: is none of the names/],
  [
    'a: { type: uint8, names: { 0: off }, min: 0 }',
    /args\.a\.min: has no meaning for an argument with names/,
  ],
  ['a: { type: text, length: 2, default: abc }', /args\.a\.default: is longer than length/],
  [
    "a: { type: uint8, compute: 'b + 1' }",
    /args\.a\.compute: b is no argument that is given.*\(at character 1\)/,
  ],
  ["a: { type: bool, compute: '1' }", /args\.a\.compute: gives a number, but type is bool/],
  ["a: { type: uint8, compute: '1', default: 2 }", /args\.a\.default: is of an argument that is given/],
  ["b: { type: text, length: 2 }, a: { type: uint8, compute: 'b' }", /a\.compute: b is a text/],
] as const)
  test(`{ ${args} } is refused with its path`, () => {
    assert.match(mistakesInType(`commands: { x: { args: { ${args} }, write: [1, $a] } }`), expected);
  });

for (const [command, expected] of [
  [
    'args: { a: { type: text, length: 4 } }, write: [$a], verify: { write: [1], read: 4, equals: $a }',
    /x\.verify\.equals: has \$a, which is as long as its text; give that pad/,
  ],
  [
    'args: { a: { type: text, length: 4 } }, write: [$a], write_check: { kind: crc8, each: 2 }',
    /x\.write_check\.each: needs a length that is known/,
  ],
  [
    "args: { a: { type: uint8, compute: 'f + 1' } }, steps: [ { write: [1, $a] }, { read: 1, fields: { f: { type: uint8 } } } ]",
    /x\.args\.a\.compute: needs f, which is read later than \$a is written/,
  ],
  [
    'args: { a: { type: text, length: 1 } }, steps: [ { read: 1, modify: { mask: 1, value: $a } } ]',
    /x\.steps\[0\]\.modify\.value: is of type text/,
  ],
] as const)
  test(`{ ${command} } is refused with its path`, () => {
    assert.match(mistakesInType(`commands: { x: { ${command} } }`), expected);
  });
