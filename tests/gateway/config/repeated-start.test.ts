// A register of two bytes, and no STOP before it is read: no Linux bus does that, and check says so wherever it is asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesInType } from '../../support/bus/sample-yaml.js';

const ASKED = 'write: [0x24, 0x0F], repeated_start: true, read: 2';

for (const [where, type] of [
  ['samples[0]', `samples: [ { every: 1s, ${ASKED}, fields: { x: { type: uint16be } } } ]`],
  [
    'samples[0].steps[0]',
    `samples: [ { every: 1s, steps: [ { ${ASKED}, fields: { x: { type: uint16be } } } ] } ]`,
  ],
  ['identify', `identify: { ${ASKED}, expect: [0x19, 0x59] }`],
  ['constants[0]', `constants: [ { ${ASKED}, fields: { x: { type: uint16be } } } ]`],
  ['commands.x.verify', `commands: { x: { write: [1], verify: { ${ASKED}, equals: [0x19, 0x59] } } }`],
  ['commands.x.steps[0]', `commands: { x: { steps: [ { ${ASKED} } ] } }`],
] as const)
  test(`below ${where}`, () => {
    const said = mistakesInType(type);
    assert.ok(
      said.includes(`${where}.repeated_start: on Linux a repeated START is possible only behind one`),
      said,
    );
    assert.match(
      said,
      /if the device takes a STOP .*; one that forgets its register then can’t be read here/,
    );
  });
