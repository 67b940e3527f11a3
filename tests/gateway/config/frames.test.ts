// Echo, status byte and checksum of a reply, as written in YAML: what can't be right is refused with its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesInSample, sampleOf } from '../../support/bus/sample-yaml.js';

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
  const odd = sampleOf(
    `write: [0x10], read: 5, frame: { start: [1] }, check: { kind: crc8, init: 0x10, xor_out: 0x55, skip: 1 }, ${FIELDS}`,
  );
  assert.deepEqual(odd.check, {
    ...{ kind: 'crc8', poly: 0x07, init: 0x10, reflect: false, xorOut: 0x55, over: 'reply', skip: 1 },
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

for (const sample of [
  'write: [7], echo: 1, frame: { stray: 0 }, read: 4',
  'status: { 1: ok }, frame: { stray: 0 }, read: 4',
  'frame: { stray: 0, length: body }, read: 8',
  'frame: { stray: 9, length: body }, read: 8',
  'frame: { stray: 1, length: all }, read: 8',
  'frame: { stray: 4, start: [2], length: body }, read: 8',
  'check: { kind: crc8, skip: 1 }, read: 3',
]) {
  test(`{ ${sample} } can be told apart and is taken`, () => {
    assert.equal(sampleOf(`${sample}, ${FIELDS}`).fields.length, 1);
  });
}

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
  [
    'groups within a frame',
    'frame: { start: [2] }, check: { kind: crc8, each: 1 }, read: 5',
    /check\.each: goes without a frame/,
  ],
  [
    'groups that skip',
    'check: { kind: crc8, each: 1, skip: 1 }, read: 4',
    /check\.skip: goes with one check at the end/,
  ],
  [
    'a frame that leaves nothing',
    'frame: { stray: 0, start: [1], length: body, end: [3] }, read: 4',
    /read: leaves no byte for fields beside frame/,
  ],
  ['a stray byte before any byte', 'frame: { stray: 0 }, read: 4', /frame\.stray: is a byte that the reply/],
  ['a stray byte that is the echo', 'write: [7], echo: 1, frame: { stray: 7 }, read: 4', /frame\.stray: /],
  ['a stray byte that is a status', 'status: { 0: ok }, frame: { stray: 0 }, read: 4', /frame\.stray: /],
  ['a stray byte that may be the length', 'frame: { stray: 4, length: body }, read: 6', /frame\.stray: /],
  ['a stray byte that is the whole length', 'frame: { stray: 7, length: all }, read: 8', /frame\.stray: /],
  [
    'a check that covers nothing',
    'check: { kind: crc8, skip: 8 }, read: 3',
    /check\.skip: leaves none of the 2 byte\(s\) before the check to be covered/,
  ],
  [
    'a check that covers nothing but a front',
    'frame: { stray: 0, start: [1], end: [9] }, check: { kind: crc8, skip: 3 }, read: 6',
    /check\.skip: leaves none of the 3/,
  ],
  [
    'one status by two names',
    "status: { 1: ok, '01': failed }, read: 4",
    /status\.01: is 1, which another line has already/,
  ],
  ['a frame of no known length', 'frame: { length: words }, read: 4', /frame\.length: /],
  [
    'a delay before nothing was written',
    'delay: 5ms, read: 4',
    /delay: is between write and read, but there is no write/,
  ],
  ['a delay as long as the interval', 'write: [1], delay: 1s, read: 4', /delay: is as long as every/],
  [
    'a delay within a repeated start',
    'write: [1], delay: 5ms, repeated_start: true, read: 4',
    /delay: needs a STOP/,
  ],
  [
    'bytes one by one within a repeated start',
    'write: [1], bytewise: true, repeated_start: true, read: 4',
    /bytewise: needs a STOP/,
  ],
  [
    'waiting for a device that can’t say that it is busy',
    'write: [1], until_ready: { within: 1s }, status: { 1: ok }, read: 4',
    /until_ready: needs a sign that the device is busy/,
  ],
  [
    'waiting without end',
    'write: [1], until_ready: { within: 2m, no_ack: true }, read: 4',
    /until_ready\.within: must be at most 60s/,
  ],
] as const) {
  test(`${name} is refused with its path`, () => {
    assert.match(mistakesInSample(`${sample}, ${FIELDS}`), expected);
  });
}
