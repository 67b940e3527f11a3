// Devices behind multiplexers, as written in YAML: where two would answer together the file is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDevice } from '../../../bridge/polling/meta.js';
import { parseConfig } from '../../../gateway/config/load.js';

function withDevices(...devices: readonly string[]) {
  const lines = devices.map((device, index) => `  d${String(index)}: { type: thing, bus: main, ${device} }`);
  const yaml = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types: { thing: { samples: [{ every: 1s, read: 1, fields: { a: { type: uint8 } } }] } }
devices:
${lines.join('\n')}
`;
  return parseConfig(yaml, 'test.yaml');
}

test('one address may be behind each channel of each multiplexer', () => {
  const { devices } = withDevices(
    'address: 9',
    'address: 8, behind: { mux: 0x70, channel: 0 }',
    'address: 8, behind: { mux: 0x70, channel: 1 }',
    'address: 8, behind: { mux: 0x71, channel: 0 }',
  );
  assert.deepEqual(
    [...devices.values()].map(({ via }) => via),
    [undefined, { mux: 0x70, channel: 0 }, { mux: 0x70, channel: 1 }, { mux: 0x71, channel: 0 }],
  );
  const [, second] = devices.values();
  assert.ok(second);
  assert.deepEqual(describeDevice(second).behind, { mux: '0x70', channel: 0 });
});

for (const [name, devices, message] of [
  [
    'the same address twice behind one channel',
    ['address: 8, behind: { mux: 0x70, channel: 1 }', 'address: 8, behind: { mux: 0x70, channel: 1 }'],
    /devices\.d1\.address: is taken: d0 has main 0x08 behind channel 1 of 0x70 already/,
  ],
  [
    'the same address before and behind a multiplexer',
    ['address: 8', 'address: 8, behind: { mux: 0x70, channel: 1 }'],
    /devices\.d1\.address: is that of d0, which is not behind a multiplexer/,
  ],
  [
    'a device at the address of a multiplexer',
    ['address: 0x70', 'address: 8, behind: { mux: 0x70, channel: 1 }'],
    /devices\.d0\.address: is that of a multiplexer on main/,
  ],
  [
    'a channel that a multiplexer has not',
    ['address: 8, behind: { mux: 0x70, channel: 8 }'],
    /devices\.d0\.behind\.channel/,
  ],
  [
    'a channel that a smaller one has not',
    ['address: 8, behind: { mux: 0x70, channel: 4, chip: pca9544 }'],
    /devices\.d0\.behind\.channel: is 4, and a pca9544 has the channels 0 to 3/,
  ],
  [
    'one multiplexer of two kinds',
    [
      'address: 8, behind: { mux: 0x70, channel: 1 }',
      'address: 9, behind: { mux: 0x70, channel: 1, chip: pca9547 }',
    ],
    /devices\.d1\.behind\.chip: is told its channel otherwise than at d0/,
  ],
  [
    'a multiplexer behind a multiplexer',
    ['address: 8, behind: { mux: 0x70, channel: 1, behind: { mux: 0x71, channel: 1 } }'],
    /devices\.d0\.behind\.behind: is not a known key/,
  ],
  ['a multiplexer at no such address', ['address: 8, behind: { mux: 0x20, channel: 1 }'], /0x70 to 0x77/],
] as const)
  test(`${name} is refused`, () => {
    assert.throws(() => withDevices(...devices), { code: 'config_invalid', message });
  });
