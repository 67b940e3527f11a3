// An entry comes into a file as people have written it, and nothing else in it moves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { lineDifference } from '../../../gateway/edit/line-difference.js';
import { withAddition } from '../../../gateway/edit/insertion.js';

const LAMP = { section: 'devices', id: 'lamp-9', value: { type: 'lamp', bus: 'main', address: 0x19 } };
const LINE = 'lamp-9: { type: lamp, bus: main, address: 0x19 }';

const TABLE: readonly [what: string, before: string, after: string][] = [
  [
    'behind the last entry and its remark, with the blanks and remarks of others as they are',
    'gateway:   a # name\n\ndevices:\n    one:   { type:  x }   # first\n    # two\n    two: { type: x } # last\n\n# the end\nlog: {}\n',
    `gateway:   a # name\n\ndevices:\n    one:   { type:  x }   # first\n    # two\n    two: { type: x } # last\n    ${LINE}\n\n# the end\nlog: {}\n`,
  ],
  [
    'behind an entry of several lines, at the end of a file without a line end',
    'devices:\n  one:\n    type: x\n    label: "a\n      b"',
    `devices:\n  one:\n    type: x\n    label: "a\n      b"\n  ${LINE}\n`,
  ],
  ['into an empty section', 'devices: {}\nlog: {}\n', `devices: { ${LINE} }\nlog: {}\n`],
  ['into braces', 'devices: { one: { type: x } }\n', `devices: { one: { type: x }, ${LINE} }\n`],
  ['as a section that was not there', 'gateway: a\n', `gateway: a\ndevices:\n  ${LINE}\n`],
  [
    'with the line ends of the file',
    'devices:\r\n  one: { a: 1 }\r\nlog: {}\r\n',
    `devices:\r\n  one: { a: 1 }\r\n  ${LINE}\r\nlog: {}\r\n`,
  ],
];

describe('a device comes into the text', () => {
  for (const [what, before, after] of TABLE)
    test(what, () => {
      assert.equal(withAddition(before, LAMP), after);
    });

  test('what is odd is written anew, with its remarks', () => {
    const text = withAddition('devices: { one: { type: x }, } # all\n', LAMP);
    assert.deepEqual(parse(text), { devices: { one: { type: 'x' }, 'lamp-9': LAMP.value } });
    assert.match(text, /# all/);
  });
});

test('of a difference the lines around it are shown, and gaps between', () => {
  const before = Array.from({ length: 20 }, (_, index) => `line ${String(index + 1)}`).join('\n');
  const after = before.replace('line 3\n', 'line 3\nnew\n').replace('line 18', 'other');
  const told = lineDifference(before, after).map(({ kind, text, line }) => `${kind} ${String(line)} ${text}`);
  assert.deepEqual(told, [
    'same 1 line 1',
    'same 2 line 2',
    'same 3 line 3',
    'added 4 new',
    'same 5 line 4',
    'same 6 line 5',
    'same 7 line 6',
    'gap 8 ',
    'same 16 line 15',
    'same 17 line 16',
    'same 18 line 17',
    'removed 18 line 18',
    'added 19 other',
    'same 20 line 19',
    'same 21 line 20',
  ]);
  assert.deepEqual(lineDifference(before, before), []);
});
