// What a changed file changes: by table, through the real checks of a configuration.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import {
  devicesAfter,
  differenceOf,
  type Difference,
  type Written,
} from '../../../bridge/reload/difference.js';
import { checkConfig } from '../../../shared/config/check.js';
import { chipLibrary } from '../../../gateway/config/library.js';
import { exampleConfig } from '../../../gateway/process/paths.js';

const BEFORE = `
gateway: greenhouse
recorder: { keep: 1d }
buses:
  main: { path: /dev/i2c-1 }
types:
  lamp:
    samples: [{ every: 1s, read: 2, fields: { level: { type: uint16le } } }]
  roof: { use: bme280 }
devices:
  lamp-1: { type: lamp, bus: main, address: 0x10 }
  lamp-2: { type: lamp, bus: main, address: 0x11 }
  roof: { type: roof, bus: main, address: 0x76 }
`;

const NOTHING: Difference = { added: [], removed: [], changed: [], needsRestart: [], waiting: [] };

const TABLE: readonly [what: string, change: (text: string) => string, difference: Partial<Difference>][] = [
  ['nothing', (text) => text, {}],
  [
    'a comment and the order of keys',
    (text) => text.replace('bus: main, address: 0x10', 'address: 16, bus: main') + '# x',
    {},
  ],
  ['the same in other words', (text) => text.replace('1d', '24h'), {}],
  [
    'a new device',
    (text) => `${text}  lamp-3: { type: lamp, bus: main, address: 0x12 }\n`,
    { added: ['lamp-3'] },
  ],
  ['a device that goes', (text) => text.replace(/ {2}lamp-2:.*\n/, ''), { removed: ['lamp-2'] }],
  ['another address', (text) => text.replace('0x11', '0x13'), { changed: ['lamp-2'] }],
  ['a label', (text) => text.replace('address: 0x11', 'address: 0x11, label: Left'), { changed: ['lamp-2'] }],
  [
    'an interval of one device',
    (text) => text.replace('address: 0x11', 'address: 0x11, every: 5s'),
    { changed: ['lamp-2'] },
  ],
  [
    'a calibration',
    (text) =>
      text.replace('address: 0x10', 'address: 0x10, calibrate: { level: { points: [[0, 1], [9, 9]] } }'),
    { changed: ['lamp-1'] },
  ],
  [
    'an interval of a type',
    (text) => text.replace('every: 1s', 'every: 2s'),
    { changed: ['lamp-1', 'lamp-2'] },
  ],
  [
    'a renamed device',
    (text) => text.replace('lamp-2: { type: lamp', 'left: { was: lamp-2, type: lamp'),
    { added: ['left'], removed: ['lamp-2'] },
  ],
  ['a port', (text) => `${text}http: { port: 8081 }\n`, { needsRestart: ['http.port'] }],
  ['how long it is kept', (text) => text.replace('1d', '2d'), { needsRestart: ['recorder.keep'] }],
  [
    'sections that come, and a name',
    (text) =>
      `${text.replace('greenhouse', 'barn')}home_assistant: true\nusers: { password_file: passwords }\n`,
    { needsRestart: ['gateway', 'home_assistant', 'users'] },
  ],
  ['the path of a bus', (text) => text.replace('i2c-1', 'i2c-2'), { needsRestart: ['buses.main'] }],
  [
    'a device on a new bus, and one that moves there',
    (text) =>
      text
        .replace('buses:', 'buses:\n  north: { path: /dev/i2c-7 }')
        .replace('bus: main, address: 0x11', 'bus: north, address: 0x11') +
      '  lamp-3: { type: lamp, bus: north, address: 0x12 }\n',
    { needsRestart: ['buses.north'], waiting: ['lamp-2', 'lamp-3'] },
  ],
];

describe('the difference of two configurations', () => {
  for (const [what, change, difference] of TABLE)
    test(what, () => {
      const [before, after] = [written(BEFORE), written(change(BEFORE))];
      const found = differenceOf(before, after);
      const sorted = { ...found, needsRestart: found.needsRestart.toSorted() };
      assert.deepEqual(sorted, { ...NOTHING, ...difference });
    });

  test('a device that waits for its bus runs on as it was, and all are in the order of the file', () => {
    const before = written(BEFORE);
    const moved = BEFORE.replace('buses:', 'buses:\n  north: { path: /dev/i2c-7 }')
      .replace(/ {2}lamp-1:.*\n/, '')
      .replace('bus: main, address: 0x11', 'bus: north, address: 0x11');
    const after = written(`${moved}  lamp-1: { type: lamp, bus: main, address: 0x15 }\n`);
    const devices = devicesAfter(before.config.devices, after.config.devices, differenceOf(before, after));
    const told = devices.map(({ id, bus, address }) => [id, bus, address]);
    assert.deepEqual(told, [
      ['lamp-2', 'main', 0x11],
      ['roof', 'main', 0x76],
      ['lamp-1', 'main', 0x15],
    ]);
  });

  test('every kind of description is the same when it is read twice', async () => {
    const patterns = exampleConfig.replace('greenhouse.yaml', 'patterns.yaml');
    for (const file of [exampleConfig, patterns]) {
      const text = await readFile(file, 'utf8');
      assert.deepEqual(differenceOf(written(text), written(text)), NOTHING, file);
    }
    const chips = chipLibrary.names;
    const all = {
      gateway: 'g',
      buses: Object.fromEntries(chips.map((chip) => [chip, { path: `/dev/i2c-${chip}` }])),
      types: Object.fromEntries(chips.map((chip) => [chip, { use: chip }])),
      devices: Object.fromEntries(chips.map((chip) => [chip, { type: chip, bus: chip, address: 0x20 }])),
    };
    assert.deepEqual(differenceOf(checked(all), checked(all)), NOTHING);
  });
});

function written(text: string): Written {
  return checked(parse(text));
}

function checked(document: unknown): Written {
  const found = checkConfig(document, chipLibrary);
  assert.ok(found.ok, JSON.stringify(found));
  return found;
}
