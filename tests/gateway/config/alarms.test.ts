// Alarms as written in the file: what they mean, and each mistake in them in words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../gateway/config/load.js';
import type { AlarmSpec } from '../../../shared/alarms/spec.js';
import type { GatewayConfig } from '../../../shared/config/config.js';
import { asGatewayError } from '../../../shared/errors.js';

function configOf(field: string, type = '', device = '', more = ''): GatewayConfig {
  return parseConfig(
    `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  base:
    samples:
      - every: 5s
        read: 6
        fields:
          level: { type: uint8, scale: 0.5, unit: '%', label: Level${field} }
          wet: { type: bool }
          mode: { type: uint8, names: { 0: idle, 1: fault } }
          zone: { type: uint8, each: 3, alarms: { hot: { above: 60 } } }
    alarms: { away: { offline: true } }
  it: { extends: base${type} }
devices: { it: { type: it, bus: main, address: 0x20${device} } }
${more}`,
    'test.yaml',
  );
}

function alarmsOf(field: string, type = '', device = ''): ReadonlyMap<string, AlarmSpec> {
  const { alarms = [] } = configOf(field, type, device).devices.get('it') ?? {};
  return new Map(alarms.map((alarm) => [alarm.id, alarm]));
}

function mistake(field: string, type = '', device = '', more = ''): string {
  try {
    configOf(field, type, device, more);
  } catch (thrown) {
    return asGatewayError(thrown).message;
  }
  return assert.fail('nothing was refused');
}

test('on a field, on a type, of a kind of a type, and on a device: each has an id in the device', () => {
  const alarms = alarmsOf(
    ', alarms: { high: { above: 90, hysteresis: 5, for: 10s, severity: critical } }',
    ', alarms: { leak: { field: wet, is: true } }',
    ', alarms: { level_high: { above: 80, severity: info }, zone_2_hot: false, quiet: { stale: 1m } }',
  );
  assert.deepEqual([...alarms.keys()].toSorted(), [
    ...['away', 'leak', 'level_high', 'quiet', 'zone_1_hot', 'zone_3_hot'],
  ]);
  const { condition, forMs, severity, words } = alarms.get('level_high') ?? assert.fail();
  assert.deepEqual(condition, { kind: 'above', field: 'level', limit: 80, hysteresis: 5 });
  assert.deepEqual([forMs, severity, words], [10_000, 'info', { field: 'Level', unit: '%', limit: '80 %' }]);
});

test('a device may judge by another condition than its type', () => {
  const alarms = alarmsOf(
    ', alarms: { high: { above: 90 } }',
    '',
    ', alarms: { level_high: { rate: +5/10m } }',
  );
  assert.deepEqual(alarms.get('level_high')?.condition, {
    ...{ kind: 'rate', field: 'level', by: 5, withinMs: 600_000, direction: 'up', hysteresis: 0 },
  });
  assert.equal(alarms.get('level_high')?.words.limit, '+5 % in 10m');
});

const FIELD: readonly (readonly [alarm: string, sentence: RegExp])[] = [
  ['{ severity: info }', /samples\[0\]\.fields\.level\.alarms\.x: says not what raises it: above, below/],
  ['{ above: 3, below: 4 }', /has above and below; one alarm has one of/],
  ['{ above: 127.5 }', /x\.above: is beyond all that is believed of the field \(0 to 127\.5\)/],
  ['{ above: -1 }', /x\.above: holds for all that is believed of the field/],
  ['{ below: 0 }', /x\.below: is beyond all that is believed/],
  ['{ above: 4, hysteresis: 5 }', /x\.hysteresis: is so large that it would never end/],
  ['{ above: 4, hysteresis: -1 }', /x\.hysteresis: /],
  ['{ outside: [30, 15] }', /x\.outside: has its smaller number first/],
  ['{ outside: [15, 20], hysteresis: 3 }', /x\.hysteresis: leaves nothing between 15 and 20/],
  ['{ outside: [-1, 200] }', /x\.outside: is beyond all/],
  ['{ rate: 5/1s }', /x\.rate: looks at less than the time between two readings \(5s\)/],
  ['{ rate: 0/1m }', /x\.rate: must be above 0/],
  ['{ rate: 500/1m }', /x\.rate: is beyond all/],
  ['{ rate: 5/1m, hysteresis: 5 }', /x\.hysteresis: is as large as the change/],
  ['{ rate: fast }', /x\.rate: a change per time: 2\/m either way/],
  ['{ stale: 5s }', /x\.stale: is no longer than the time between two readings \(5s\)/],
  ['{ stale: 1m, for: 1m }', /x\.for: has no meaning with stale/],
  ['{ stale: 1m, hysteresis: 1 }', /x\.hysteresis: has no meaning with stale/],
  ['{ is: true }', /x\.is: is true, and level is a number/],
  ['{ above: 3, message: "{valeu}" }', /x\.message: has \{valeu\}, which is not known; there are \{value\}/],
  ['{ above: 3, sevrity: info }', /sevrity/],
];

for (const [alarm, sentence] of FIELD)
  test(`refused on a field: ${alarm}`, () => {
    assert.match(mistake(`, alarms: { x: ${alarm} }`), sentence);
  });

const DEVICE: readonly (readonly [alarm: string, sentence: RegExp])[] = [
  ['{ x: { above: 3 } }', /devices\.it\.alarms\.x\.above: needs field/],
  [
    '{ x: { field: depth, above: 3 } }',
    /x\.field: names depth, which is no field that is told; there are level/,
  ],
  ['{ x: { field: wet, above: 3 } }', /x\.above: needs a number, and wet is true or false; use is/],
  ['{ x: { field: mode, is: broken } }', /x\.is: is "broken", which is none of its names: idle, fault/],
  ['{ x: { field: level, offline: true } }', /x\.field: has no meaning with offline/],
  ['{ x: false }', /alarms\.x: is no alarm of the type; there are .*zone_1_hot.*away/],
  ['{ X: { offline: true } }', /an id is/],
];

for (const [alarms, sentence] of DEVICE)
  test(`refused on a device: ${alarms}`, () => {
    assert.match(mistake('', '', `, alarms: ${alarms}`), sentence);
  });

test('two alarms of one id, and those of what is not read again and again, are refused', () => {
  assert.match(
    mistake(', alarms: { x: { above: 3 } }', ', alarms: { level_x: { offline: true } }'),
    /types\.it\.alarms\.level_x: is the alarm level_x, which there is already/,
  );
  assert.match(
    mistake('', ', constants: [{ read: 1, fields: { c: { type: uint8, alarms: { x: { above: 3 } } } } }]'),
    /constants\[0\]\.fields\.c\.alarms: have a meaning only in samples/,
  );
});

test('webhooks: what they mean, and what is refused', () => {
  const [hook] =
    configOf(
      '',
      '',
      '',
      "alarms: { webhooks: { phone: { url: 'https://ntfy.example/t', json: { text: '{message}', of: '{by} {note} {id} {ts} {what}' } } } }",
    ).webhooks ?? [];
  assert.deepEqual(hook, {
    ...{ id: 'phone', url: 'https://ntfy.example/t', method: 'POST', headers: {}, severity: 'info' },
    ...{ timeoutMs: 10_000, keepMs: 86_400_000, occasions: new Set(['raised', 'cleared']) },
    body: { json: { text: '{message}', of: '{by} {note} {id} {ts} {what}' } },
  });
  const refused = (keys: string): string =>
    mistake('', '', '', `alarms: { webhooks: { phone: { url: 'https://x.example/', ${keys} } } }`);
  assert.match(
    mistake('', '', '', "alarms: { webhooks: { phone: { url: 'ftp://x' } } }"),
    /phone\.url: an address with http/,
  );
  assert.match(refused("body: '{massage}'"), /phone\.body: has \{massage\}, which is not known/);
  assert.match(refused("headers: { Title: '{x}' }"), /phone\.headers: has \{x\}/);
  assert.match(refused('body: a, json: { a: b }'), /phone\.json: goes in place of body/);
  assert.match(refused('method: GET, body: a'), /phone\.method: is GET, which has no body/);
  assert.match(refused('timeout: 10m'), /phone\.timeout: is from 100ms to 5m/);
});
