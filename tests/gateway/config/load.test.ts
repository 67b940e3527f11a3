import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig, parseConfig } from '../../../gateway/config/load.js';
import { GatewayError } from '../../../shared/errors.js';

const SOUND = `gateway: greenhouse
buses:
  main: { path: /dev/i2c-1 }
types:
  tank:
    rest: 2ms
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }
    samples:
      - every: 1s
        write: [0x10]
        read: 6
        check: { kind: crc8, poly: 0x07 }
        fields:
          temperature: { type: int16le, scale: 0.01, unit: °C, min: -40, max: 85 }
          level: { type: uint16le, unit: mm }
    commands:
      pump:
        args: { speed: { type: uint8, max: 100 } }
        write: [0x20, $speed]
        verify: { write: [0x20], read: 1, equals: $speed }
devices:
  tank-1: { type: tank, bus: main, address: 0x08 }
  tank-2: { type: tank, bus: main, address: 0x09 }
`;

/** The lines of the message, without the first. */
function mistakesOf(text: string): string[] {
  try {
    parseConfig(text, 'f.yaml');
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'config_invalid');
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

test('the configuration of the design becomes devices with positions and durations', () => {
  const config = parseConfig(SOUND, 'f.yaml');
  const tank = config.devices.get('tank-2');
  assert.equal(tank?.address, 9);
  assert.equal(tank.type.restMs, 2);
  assert.deepEqual(
    tank.type.samples[0]?.fields.map((field) => [field.id, field.at]),
    [
      ['temperature', 0],
      ['level', 2],
    ],
  );
  assert.deepEqual(tank.type.commands.get('pump')?.write, [0x20, { argument: 'speed' }]);
  assert.equal(config.mqtt.port, 1883);
  assert.equal(config.recorder.keepMs, 30 * 86_400_000);
});

test('all mistakes of a file are listed at once, each with its path and line', () => {
  const text = SOUND.replace('rest: 2ms', 'rest: 2 minutes')
    .replace('path: /dev/i2c-1', 'path: /dev/i2c-1, sped: 3')
    .replace('gateway: greenhouse', 'gateway: Green House\ncolour: red')
    .replace('address: 0x09', 'address: 0x08');
  const mistakes = mistakesOf(text);
  assert.match(mistakes.join('\n'), /f\.yaml:1: gateway: an id is/);
  assert.match(mistakes.join('\n'), /f\.yaml:2: colour: is not a known key/);
  assert.match(mistakes.join('\n'), /f\.yaml:4: buses\.main\.sped: is not a known key/);
  assert.match(mistakes.join('\n'), /f\.yaml:7: types\.tank\.rest: a duration is/);
  assert.equal(mistakes.length, 4, mistakes.join('\n'));
});

test('what the schema finds does not hide what only the whole shows', () => {
  const mistakes = mistakesOf(
    SOUND.replace('gateway: greenhouse', 'gateway: greenhouse\ncolour: red').replace(
      'address: 0x09',
      'address: 0x08',
    ),
  );
  assert.equal(mistakes.length, 2);
  assert.match(mistakes[0] ?? '', /:2: colour/);
  assert.match(mistakes[1] ?? '', /:24: devices\.tank-2\.address: is taken: tank-1 has main 0x08 already/);
});

for (const [name, from, to, expected] of [
  [
    'a field past the reply',
    'level: { type: uint16le',
    'level: { type: uint32le',
    /samples\[0\]\.fields\.level: ends at byte 6, but only 5/,
  ],
  [
    'an argument without use',
    'write: [0x20, $speed]',
    'write: [0x20, 0x01]',
    /args\.speed: is not used in write/,
  ],
  [
    'an argument that is not declared',
    'write: [0x20, $speed]',
    'write: [0x20, $sped, $speed]',
    /uses \$sped/,
  ],
  ['an interval the bus can’t hold', 'every: 1s', 'every: 1ms', /buses\.main: can't hold its schedule/],
  [
    'a delay that leaves no time for the interval',
    'every: 1s\n        write: [0x10]',
    'every: 1s\n        delay: 1s\n        write: [0x10]',
    /devices\.tank-1: can't be read as often: .* 10\d % of its time/,
  ],
  [
    'a reserved address',
    'address: 0x09',
    'address: 0x78',
    /devices\.tank-2\.address: 0x78 to 0x7F are reserved/,
  ],
  [
    'a reserved low address',
    'address: 0x09',
    'address: 0x03',
    /devices\.tank-2\.address: 0x00 to 0x03 are reserved/,
  ],
  [
    'an unknown type',
    'tank-2: { type: tank',
    'tank-2: { type: tonk',
    /devices\.tank-2\.type: names the type tonk.*known: tank/,
  ],
  [
    'an unknown bus',
    'type: tank, bus: main, address: 0x09',
    'type: tank, bus: mein, address: 0x09',
    /devices\.tank-2\.bus/,
  ],
  [
    'an argument limit the type can’t hold',
    'max: 100',
    'max: 300',
    /args\.speed\.max: is above what uint8 can hold \(255\)/,
  ],
  [
    'an identity of another length',
    'expect: [0x54, 0x02]',
    'expect: [0x54]',
    /identify\.expect: has 1 bytes, but read leaves 2 for it/,
  ],
  ['a wrong type', 'read: 6', 'read: six', /samples\[0\]\.read/],
  [
    'a write that AVR would lose',
    'write: [0x10]',
    `write: [${Array(33).fill('1').join(', ')}]`,
    /samples\[0\]\.write: AVR’s Wire/,
  ],
  ['a bad template part', '[0x20, $speed]', '[0x20, 256, $speed]', /commands\.pump\.write\[1\]/],
  ['an id that would poison an object', '      pump:', '      __proto__:', /__proto__/],
  [
    'one wire under two names',
    'buses:\n',
    'buses:\n  again: { path: /dev/i2c-1 }\n',
    /buses\.\w+\.path: is the bus \w+ already/,
  ],
  [
    'one port for both servers',
    'gateway: greenhouse',
    'gateway: greenhouse\nmqtt: { port: 5000 }\nhttp: { port: 5000 }',
    /http\.port: is the port of mqtt as well/,
  ],
  ['what is missing', 'read: 6', '# read', /samples\[0\]\.read: is missing/],
  [
    'a key given twice',
    'gateway: greenhouse',
    'gateway: greenhouse\ngateway: other',
    /this key is there twice/,
  ],
] as const) {
  test(`${name} is refused with its path`, () => {
    const text = SOUND.replace(from, to);
    assert.notEqual(text, SOUND);
    assert.match(mistakesOf(text).join('\n'), expected);
  });
}

test('a file that is empty, a list, or no YAML is refused in words', () => {
  for (const text of ['', '- a\n- b\n', 'just words'])
    assert.match(mistakesOf(text).join(), /\(file\): must be a list of settings with gateway, buses/);
  assert.match(mistakesOf('a: [1, 2').join(), /f\.yaml:1/);
});

test('a file that can’t be read says which and why', async () => {
  await assert.rejects(loadConfig('/nonexistent/g.yaml'), (error) => {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'config_unreadable');
    assert.match(error.message, /\/nonexistent\/g\.yaml/);
    return true;
  });
});

test('a file without end is not read to its end', async () => {
  await assert.rejects(loadConfig('/dev/zero'), /is over 4 MB; is it the right file/);
});
