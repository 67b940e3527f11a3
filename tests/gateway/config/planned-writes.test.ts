import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../gateway/config/load.js';
import type { DeviceType } from '../../../shared/device-type.js';

function typeOf(more: string, command = ''): DeviceType {
  const config = parseConfig(
    `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  heater:
    commands:
      heat: { args: { power: { type: uint8, max: 100 } }, write: [0x20, $power]${command} }
      off: { write: [0x21] }
${more}
devices: { heater-1: { type: heater, bus: main, address: 0x08 } }
`,
    'f.yaml',
  );
  const type = config.devices.get('heater-1')?.type;
  assert.ok(type);
  return type;
}

test('a write of its own is bytes, or a command with its arguments', () => {
  const { onConnect, onStop } = typeOf(
    '    on_connect: [{ write: [1, 2] }, { command: heat, args: { power: 7 } }]\n    on_stop: [{ command: off }]',
  );
  assert.deepEqual(
    onConnect.map(({ name, args }) => [name, [...args]]),
    [
      ['on_connect', []],
      ['heat', [['power', 7]]],
    ],
  );
  assert.deepEqual(onConnect[0]?.spec.write, [1, 2]);
  assert.equal(onStop[0]?.name, 'off');
});

test('a safe command may be one that ends with the same bytes', () => {
  const { commands } = typeOf(
    '',
    ', safe: { command: dim, args: { level: 0 } } }\n      dim: { args: { level: { type: uint8 } }, write: [0x22, $level], safe: { args: { level: 0 } }',
  );
  assert.equal(commands.get('heat')?.ending?.safe.name, 'dim');
});

test('for is the default and the limit, or each of them', () => {
  const ending = (text: string): unknown[] => {
    const { safe, defaultMs, maxMs, afterCrash } = typeOf('', text).commands.get('heat')?.ending ?? {};
    return [safe?.name, defaultMs, maxMs, afterCrash];
  };
  assert.deepEqual(ending(', safe: { args: { power: 0 } }, for: 30s'), ['heat', 30_000, 30_000, 'safe']);
  assert.deepEqual(ending(', safe: { command: off }, for: { default: 1s, max: 1m }, after_crash: leave'), [
    'off',
    1000,
    60_000,
    'leave',
  ]);
  assert.deepEqual(ending(', safe: { write: [9] }'), ['heat', undefined, 86_400_000, 'safe']);
  assert.deepEqual(ending(', safe: { steps: [{ write: [9] }] }'), ['heat', undefined, 86_400_000, 'safe']);
});

for (const [name, more, command, expected] of [
  [
    'neither bytes nor command',
    '    on_stop: [{}]',
    '',
    /on_stop\[0\]: needs either write: \[bytes\], or steps/,
  ],
  ['both', '    on_stop: [{ write: [1], command: off }]', '', /on_stop\[0\]: needs either/],
  [
    'arguments of bytes',
    '    on_connect: [{ write: [1], args: { x: 1 } }]',
    '',
    /on_connect\[0\]\.args: have no/,
  ],
  ['an unknown command', '    on_connect: [{ command: of }]', '', /on_connect\[0\]\.command: names of/],
  [
    'a wrong argument',
    '    on_connect: [{ command: heat, args: { power: 101 } }]',
    '',
    /args: do not fit .*0 to 100/,
  ],
  ['a missing argument', '    on_connect: [{ command: heat }]', '', /args: do not fit .*power is missing/],
  ['for without safe', '', ', for: 30s', /heat\.for: needs safe/],
  ['after_crash without safe', '', ', after_crash: leave', /heat\.after_crash: needs safe/],
  [
    'a default above max',
    '',
    ', safe: { command: off }, for: { default: 2m, max: 1m }',
    /heat\.for\.default: must be/,
  ],
  [
    'a safe command that is not safe itself',
    '',
    ', safe: { command: eco } }\n      eco: { write: [0x22], safe: { command: off }, for: 10s',
    /heat\.safe\.command: eco has a safe of its own/,
  ],
  [
    'a safe write that is too long',
    '',
    `, safe: { write: [${'1, '.repeat(33)}] }`,
    /commands\.heat\.safe\.write: AVR’s Wire .* becomes 33 bytes/,
  ],
  [
    'a safe write that is too long among steps',
    '',
    `, safe: { steps: [{ write: [1] }, { write: [${'1, '.repeat(33)}] }] }`,
    /commands\.heat\.safe\.steps\[1\]\.write: AVR’s Wire .* becomes 33 bytes/,
  ],
  [
    'what is written back behind a long register',
    '',
    ` }\n      flip: { steps: [{ write: [${'1, '.repeat(31)}], read: 2, modify: { mask: 1, value: 1 } }]`,
    /commands\.flip\.steps\[0\]\.write: AVR’s Wire .* becomes 33 bytes/,
  ],
  ['more than a day', '', ', safe: { command: off }, for: 25h', /heat\.for: must be from 1ms to 24h/],
] as const) {
  test(`${name} is refused with its path`, () => {
    assert.throws(() => typeOf(more, command), expected);
  });
}
