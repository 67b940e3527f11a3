// What check says of a file that is sound and probably not what was meant, and mistakes in the words that people use.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadJudged, parseConfig } from '../../../gateway/config/load.js';
import { mistakesInSample } from '../../support/bus/sample-yaml.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

function fileOf(type: string, address = '0x20'): string {
  return `gateway: test\nbuses: { main: { path: /dev/i2c-none } }\ntypes:\n  chip:\n    ${type}\ndevices: { it: { type: chip, bus: main, address: ${address} } }\n`;
}

const A = 'fields: { a: { type: uint8, max: 200 } }';

for (const [name, type, warning] of [
  [
    'a sample without any check',
    'samples: [ { every: 1s, read: 1, fields: { a: { type: uint8 } } } ]',
    /^5 types\.chip\.samples\[0\] has nothing by which wrong bytes could be told/,
  ],
  [
    'bytes behind the last field',
    `samples: [ { every: 1s, read: 3, ${A} } ]`,
    /^5 types\.chip\.samples\[0\]\.read leaves 2 byte\(s\) behind the last field; read 1, or/,
  ],
  [
    'bytes behind the last field of a step',
    `samples: [ { every: 1s, steps: [ { write: [1], read: 2, check: { kind: crc8 }, ${A} }, { read: 2, ${A.replace('a:', 'b:')} } ] } ]`,
    /^5 types\.chip\.samples\[0\]\.steps\[1\]\.read leaves 1 byte/,
  ],
  [
    'two commands that write one byte',
    'commands: { relay_2: { args: { on: { type: bool } }, write: [9, $on] }, relay_5: { args: { on: { type: bool } }, write: [9, $on] } }',
    /^5 types\.chip\.commands\.relay_5\.write writes the whole byte that relay_2 writes too: .* modify$/,
  ],
  [
    'a check',
    'samples: [ { every: 1s, read: 2, check: { kind: crc8 }, fields: { a: { type: uint8 } } } ]',
    undefined,
  ],
  ['limits', `samples: [ { every: 1s, read: 1, ${A} } ]`, undefined],
  [
    'a byte that is looked at by a test',
    `samples: [ { every: 1s, read: 2, valid: { at: -1, is: 0 }, ${A} } ]`,
    undefined,
  ],
  [
    'commands for bytes of their own',
    'commands: { one: { args: { on: { type: bool } }, write: [8, $on] }, two: { args: { on: { type: bool } }, write: [9, $on] } }',
    undefined,
  ],
  ['what is the library’s', 'use: tmp117', undefined],
] as const)
  test(`${name} ${warning === undefined ? 'is nothing to be warned of' : 'is told with its line'}`, async (t) => {
    const file = join(await temporaryFolder(t), 'f.yaml');
    await writeFile(file, fileOf(type));
    const { warnings } = await loadJudged(file);
    const said = warnings.map(({ line, path, message }) => `${String(line)} ${path ?? ''} ${message}`);
    if (warning === undefined) assert.deepEqual(said, []);
    else assert.match(said.join('\n'), warning);
  });

test('an address of 8 bits is told as the one of 7', () => {
  assert.throws(() => parseConfig(fileOf('samples: []', '0x90'), 'f.yaml'), {
    message:
      /devices\.it\.address: 0x90 looks like an address of 8 bits; without the one for read and write it is 0x48/,
  });
  assert.throws(() => parseConfig(fileOf('samples: []', '0x7A'), 'f.yaml'), {
    message: /0x78 to 0x7F are reserved/,
  });
});

for (const [sample, words] of [
  ['every: 1, read: 1, fields: { a: { type: uint8 } }', /every: .*write 1s, not 1/],
  [
    'read: 2, fields: { a: { type: int16 } }',
    /type: "int16" is not known here; did you mean int16le or int16be/,
  ],
  ['read: 1, fields: { a: { type: uint8, scale: "0,1" } }', /scale: must be a number: write 0\.1/],
  ['read: 1, feilds: { a: { type: uint8 } }', /feilds: is not a known key; did you mean fields/],
] as const)
  test(`{ ${sample} } is told what was probably meant`, () => {
    assert.match(mistakesInSample(sample), words);
  });
