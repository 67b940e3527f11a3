// Steps and names that could not do what they say, as written in YAML: refused with their place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../gateway/config/load.js';

const READ = '{ write: [1], read: 1, fields: { a: { type: uint8 } } }';
const MORE = 'write: [2], read: 1, fields: { b: { type: uint8 } }';

function check(type: string): void {
  parseConfig(
    `gateway: test
buses: { main: { path: /dev/i2c-none } }
types: { chip: { ${type} } }
devices: { it: { type: chip, bus: main, address: 0x20 } }
`,
    'f.yaml',
  );
}

for (const [type, expected] of [
  [
    `samples: [ { every: 1s, steps: [ ${READ}, { ${MORE}, taken_within: 5s } ] } ]`,
    /samples\[0\]\.steps\[1\]\.taken_within: needs only_if/,
  ],
  [
    `constants: [ { steps: [ ${READ}, { ${MORE}, only_if: { field: a, is: 1 }, taken_within: 5s } ] } ]`,
    /constants\[0\]\.steps\[1\]\.taken_within: is of a sample/,
  ],
  [
    `samples: [ { every: 1s, steps: [ ${READ}, { ${MORE}, always: true } ] } ]`,
    /samples\[0\]\.steps\[1\]\.always: is for commands/,
  ],
  [
    `samples: [ { every: 1s, steps: [ { ${MORE}, nack: true, repeated_start: true } ] } ]`,
    /samples\[0\]\.steps\[0\]\.nack: needs a STOP between write and read/,
  ],
  [
    'commands: { x: { steps: [ { write: [2], read: 1, nack: true, repeated_start: true } ] } }',
    /commands\.x\.steps\[0\]\.nack: needs a STOP/,
  ],
  [
    'samples: [ { every: 2s, write: [1], read: 1, until_ready: { within: 60s, no_ack: true }, fields: { a: { type: uint8 } } } ]',
    /samples\[0\]\.until_ready: may take 60000 ms, which is longer than every/,
  ],
  [
    `samples: [ { every: 1s, steps: [ ${READ}, { ${MORE}, until_ready: { within: 1001ms, no_ack: true } } ] } ]`,
    /samples\[0\]\.steps: may take 1001 ms/,
  ],
  [
    'parameters: { gain: { default: 2 } }, samples: [ { every: 1s, read: 1, fields: { gain: { type: uint8 }, x: { compute: gain } } } ]',
    /samples\[0\]\.fields\.gain: is the name of a constant or a parameter too/,
  ],
  [
    'constants: [ { write: [1], read: 1, fields: { c: { type: uint8 } } } ], samples: [ { every: 1s, read: 1, fields: { a: { type: uint8, hidden: true }, c: { compute: a } } } ]',
    /samples\[0\]\.fields\.c: is the name of a constant or a parameter too/,
  ],
  [
    'samples: [ { every: 1s, read: 1, fields: { read_for: { type: uint8 } } } ]',
    /samples\[0\]\.fields\.read_for: is a name that every computed field knows/,
  ],
] as const)
  test(`{ ${type} } is refused with its path`, () => {
    assert.throws(() => {
      check(type);
    }, expected);
  });

for (const type of [
  `samples: [ { every: 1s, steps: [ ${READ}, { ${MORE}, only_if: { field: a, is: 1 }, taken_within: 5s } ] } ]`,
  'samples: [ { every: 1s, write: [1], delay: 1ms, read: 1, until_ready: { no_ack: true }, fields: { a: { type: uint8 } } } ]',
  'samples: [ { every: 1s, read: 1, fields: { raw: { type: uint8, hidden: true }, a: { compute: "if(read_for < 15, none, raw)" } } } ]',
  'commands: { x: { steps: [ { write: [1], nack: true, delay: 1ms, read: 1 }, { write: [2], always: true } ] } }',
])
  test(`{ ${type} } is not`, () => {
    check(type);
  });
