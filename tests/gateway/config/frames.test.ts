// Echo, status byte and checksum of a reply, as written in YAML: what can't be right is refused with its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesInSample, sampleOf } from '../../support/sample-yaml.js';

const FIELDS = 'fields: { level: { type: uint8 } }';

test('a check is described in its own terms, and what is left out has its usual value', () => {
  const sample = sampleOf(
    `write: [0x10], read: 3, check: { kind: crc16, poly: 0x8005, init: 0xFFFF, reflect: true, order: le, over: pec }, ${FIELDS}`,
  );
  assert.deepEqual(sample.check, {
    kind: 'crc16',
    poly: 0x8005,
    init: 0xffff,
    reflect: true,
    xorOut: 0,
    order: 'le',
    over: 'pec',
  });
  const short = sampleOf(`write: [0x10], read: 2, check: { kind: sum8 }, ${FIELDS}`);
  assert.deepEqual(short.check, { kind: 'sum8', init: 0, xorOut: 0, over: 'reply' });
});

test('a status map may be written in hex', () => {
  const sample = sampleOf(`write: [0x10], read: 2, status: { 0x01: ok, 0xFE: busy, 2: failed }, ${FIELDS}`);
  assert.deepEqual([...(sample.status ?? [])].sort(), [
    [1, 'ok'],
    [2, 'failed'],
    [254, 'busy'],
  ]);
});

for (const [name, sample, expected] of [
  ['a check of no known kind', 'check: { kind: crc32 }, read: 4', /check(\.kind)?: needs a kind: crc8/],
  [
    'a key that its kind has not',
    'check: { kind: sum8, poly: 7 }, read: 4',
    /check\.poly: is not a known key/,
  ],
  ['a check that leaves nothing', 'check: { kind: crc16 }, read: 2', /read: leaves no byte for fields/],
  ['groups that come out odd', 'check: { kind: crc8, each: 2 }, read: 5', /read: is 5, .*groups of 2/],
  [
    'groups over what was written',
    'check: { kind: crc8, each: 2, over: pec }, read: 6',
    /check\.over: goes with one check at the end only/,
  ],
  ['an echo of more than was written', 'write: [1], echo: 2, read: 4', /echo: is 2, but write has 1/],
  ['a status that is never ok', 'status: { 2: failed }, read: 4', /status: names no value that is ok/],
  ['a status that is no byte', 'status: { 256: ok }, read: 4', /status\.256: a status is a byte/],
] as const) {
  test(`${name} is refused with its path`, () => {
    assert.match(mistakesInSample(`${sample}, ${FIELDS}`), expected);
  });
}
