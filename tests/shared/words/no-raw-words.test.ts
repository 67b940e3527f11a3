// Whatever is wrong with a configuration or a message is said in words of ours: where, what it should be, what was meant.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseCommandPayload } from '../../../bridge/commands/payload.js';
import { parseHistoryQuery, parsePointsRequest } from '../../../bridge/history/request.js';
import { parseEvent } from '../../../bridge/logbook/event.js';
import { parseLogbookQuery } from '../../../bridge/logbook/request.js';
import { parseTelemetry } from '../../../bridge/recording/payload.js';
import { parseRead, parseScan, parseTrace, parseWrite } from '../../../bridge/requests/raw-payload.js';
import { parseManifest } from '../../../gateway/backup/manifest.js';
import { exampleConfig } from '../../../gateway/process/paths.js';
import { checkConfig } from '../../../shared/config/check.js';
import { GatewayError } from '../../../shared/errors.js';
import { EVERY_KIND } from '../../support/every-kind.js';
import { read, sourceFiles } from '../../support/repository.js';
import { mutationsOf, turning } from './mutations.js';

/** What zod's sentences begin with, and what they are made of. */
const RAW =
  /Invalid (?:input|option|key|element|string|number|value|discriminator|format|type)|Too (?:small|big)|Unrecognized|\breceived\b|expected (?:string|number|int|array|object|record|boolean|one of|tuple|nonoptional)|must match pattern|\[object|undefined|\bNaN\b|is not what belongs here/;

const NOW = Date.parse('2026-11-22T12:00:00Z');
const jsonOf = (data: unknown): string => (data === undefined ? '' : JSON.stringify(data));
const bytes = (data: unknown): Uint8Array => new TextEncoder().encode(jsonOf(data));

const MESSAGES: readonly (readonly [string, object, (data: unknown) => unknown])[] = [
  [
    'history',
    { device: 'd', gateway: 'g', last: '10m', fields: ['a'], after: '', limit: 3 },
    (data) => parseHistoryQuery(data, NOW),
  ],
  [
    'points',
    { device: 'd', from: 1, to: '2026-11-22', fields: ['a'], points: 5 },
    (data) => parsePointsRequest(data, NOW),
  ],
  [
    'logbook',
    { kind: 'event', device: 'd', name: 'n', last: '1h', before: 'x', limit: 1 },
    (data) => parseLogbookQuery(data, NOW),
  ],
  ['read', { address: 8, bus: 'b', write: '10 FF', read: 3, repeated_start: true, delay_ms: 5 }, parseRead],
  ['write', { device: 'd', write: [1, 2] }, parseWrite],
  ['scan', { bus: 'b', probe: 'read' }, parseScan],
  ['trace', { device: 'd', last: 5 }, parseTrace],
  [
    'command',
    { id: 'x', args: { level: 1 }, expires: NOW + 1, for: '5s' },
    (data) => parseCommandPayload(bytes(data), NOW),
  ],
  [
    'telemetry',
    { ts: NOW, boot: 'b', seq: 1, values: { a: 1, b: true, c: 'x' }, errors: { a: 'no' }, clock: 'ahead' },
    (data) => parseTelemetry(bytes(data), 'g', 'd', NOW),
  ],
  ['event', { type: 't', ts: 5, device: 'd' }, (data) => parseEvent(bytes(data), 'g', NOW)],
  [
    'manifest of a backup',
    {
      ...{ format: 'i2c-mqtt-gateway backup', version: 1, program: '1', made: '2026-11-22T12:00:00Z' },
      files: [{ path: 'config/a', member: 'config/a', bytes: 1, sha256: 'a'.repeat(64), mode: 384 }],
    },
    (data) => parseManifest(jsonOf(data), 'a.tar.gz', 9),
  ],
];

for (const [name, valid, take] of MESSAGES)
  test(`what is wrong with ${name} is never said in zod's words`, () => {
    const refused = new Set<string>();
    for (const data of mutationsOf(valid)) {
      const message = refusalOf(() => take(data));
      if (message === undefined) continue;
      assert.doesNotMatch(message, RAW, jsonOf(data).slice(0, 200));
      assert.doesNotMatch(message, /\n/);
      refused.add(message);
    }
    assert.ok(refused.size > 4, [...refused].join('\n'));
  });

for (const [name, valid] of [
  ['the example', parse(readFileSync(exampleConfig, 'utf8'))],
  ['one of every kind', EVERY_KIND],
] as const)
  test(`what is wrong with a configuration (${name}) is never said in zod's words`, () => {
    assert.ok(checkConfig(valid).ok);
    for (const data of mutationsOf(valid, turning(3))) {
      const checked = checkConfig(data);
      if (checked.ok) continue;
      for (const { path, message } of checked.problems) {
        assert.doesNotMatch(message, RAW, path.join('.'));
        assert.ok(message.length > 5, path.join('.'));
      }
    }
  });

const refusals: readonly (readonly [change: object, at: string, words: RegExp])[] = [
  [{ every: '1' }, 'every', /write 1s, not "1"$/],
  [{ every: 1 }, 'every', /write 1s, not 1$/],
  [{ every: '10 min' }, 'every', /write 10m, not "10 min"$/],
  [{ every: '1,5s' }, 'every', /write 1\.5s, not "1,5s"$/],
  [{ every: 'soon' }, 'every', /^a duration is a number and a unit: .*, not "soon"$/],
  [{ every: undefined }, 'every', /^is missing$/],
  [{ read: '4' }, 'read', /^must be a number: write 4, without quotes/],
  [{ read: 40 }, 'read', /32 bytes/],
  [{ write: 16 }, 'write', /^must be a list: put it in brackets, \[16\]$/],
  [{ write: [300] }, 'write.0', /at most 255|0 to 255/],
  [{ repeated_start: 'no' }, 'repeated_start', /^must be true or false: write false, not "no"$/],
  [{ evry: '1s' }, 'evry', /^is not a known key; did you mean every\?$/],
  [{ check: { kind: 'crc32' } }, 'check.kind', /^needs a kind: crc8, crc16/],
  [{ fields: { a: { type: 'int16' } } }, 'fields.a.type', /did you mean int16le or int16be\?$/],
  [{ fields: { a: { type: 'uint8', scale: '0,1' } } }, 'fields.a.scale', /write 0\.1, with a point/],
  [{ fields: { a: { type: 'uint8', unit: 5 } } }, 'fields.a.unit', /quote it/],
];

test('what was meant is said where it is near', () => {
  for (const [change, at, words] of refusals) {
    const sample = { every: '1s', write: [16], read: 4, fields: { a: { type: 'uint8' } }, ...change };
    const checked = checkConfig({
      ...{ gateway: 'g', buses: { b: { path: '/dev/i2c-1' } }, types: { t: { samples: [sample] } } },
      devices: { d: { type: 't', bus: 'b', address: 8 } },
    });
    assert.ok(!checked.ok, JSON.stringify(change));
    const said = checked.problems.map(({ path, message }) => [path.slice(4).join('.'), message]);
    assert.ok(
      said.some(([place, message = '']) => place === at && words.test(message)),
      `${JSON.stringify(change)}: ${JSON.stringify(said)}`,
    );
  }
  assert.equal(
    refusalOf(() => parseTrace({ last: 5000, devise: 'd' })),
    'last: must be at most 1000, not 5000; devise: is not a known key; did you mean device?',
  );
});

test('zod is asked in one place, so that its own sentences come from nowhere', () => {
  const asking = sourceFiles().filter(
    (path) =>
      /^(shared|bridge|gateway)\//.test(path) &&
      read(path).includes("from 'zod'") &&
      /\.safeParse\(|(?<!JSON|Date)\.parse\(/.test(read(path)),
  );
  // With data of our own: whether a schema takes nothing, and its defaults.
  assert.deepEqual(asking.sort(), ['gateway/contract/paths.ts', 'shared/config/fit.ts']);
});

function refusalOf(take: () => unknown): string | undefined {
  try {
    take();
    return undefined;
  } catch (thrown) {
    assert.ok(thrown instanceof GatewayError, String(thrown));
    return thrown.message;
  }
}
