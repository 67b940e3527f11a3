// What stands around the fields of a reply: what is wrong there has a name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed, isEmptyReply, unframe } from '../../shared/codec/frame.js';

const FRAME = {
  write: Uint8Array.of(0x52, 0x07),
  readLength: 6,
  check: { kind: 'sum8' },
  echo: 2,
  status: new Map([
    [1, 'ok'],
    [2, 'syntax error'],
    [0xfe, 'busy'],
  ]),
} as const;

const unframed = (...bytes: number[]) => unframe(Uint8Array.from(bytes), FRAME, 0x08);

test('echo, status and checksum are taken off the reply', () => {
  assert.deepEqual([...unframed(0x52, 0x07, 0x01, 0x0a, 0x0b, 0x6f)], [0x0a, 0x0b]);
});

test('the simulated half puts them on', () => {
  const reply = framed(Uint8Array.of(0x0a, 0x0b), FRAME, 0x08);
  assert.deepEqual([...reply], [0x52, 0x07, 0x01, 0x0a, 0x0b, 0x6f]);
});

for (const length of ['body', 'rest', 'all'] as const)
  test(`what the simulated half frames with the length of ${length} is read back`, () => {
    const envelope = { stray: 0, start: Uint8Array.of(2), length, end: Uint8Array.of(3, 4) };
    const frame = { ...FRAME, readLength: 14, envelope, check: { kind: 'crc16', skip: 1 } } as const;
    const reply = framed(Uint8Array.of(0x0a, 0x0b), frame, 0x08);
    for (const before of [[], [0]]) {
      const padding = new Array<number>(14 - reply.length - before.length).fill(0xff);
      assert.deepEqual(
        [...unframe(Uint8Array.from([...before, ...reply, ...padding]), frame, 0x08)],
        [0x0a, 0x0b],
      );
    }
  });

for (const [name, bytes, code, message] of [
  ['a reply to another question', [0x52, 0x08, 0x01, 0x0a, 0x0b, 0x70], 'wrong_echo', /begins with 52 08/],
  ['a busy device', [0x52, 0x07, 0xfe, 0, 0, 0x57], 'device_busy', /0xFE/],
  ['an error with a name', [0x52, 0x07, 0x02, 0, 0, 0x5b], 'device_error', /0x02: syntax error/],
  ['a status nobody described', [0x52, 0x07, 0x03, 0, 0, 0x5c], 'device_error', /0x03: which status/],
  ['a wrong checksum, before a status is believed', [0x52, 0x07, 0xfe, 0, 0, 0], 'checksum', /wrong/],
  ['too few bytes', [0x52, 0x07], 'short_reply', /2 bytes came, 6/],
] as const) {
  test(`${name} is no reading: ${code}`, () => {
    assert.throws(() => unframed(...bytes), { code, message });
  });
}

const FRAMED = {
  write: new Uint8Array(),
  readLength: 6,
  envelope: { start: Uint8Array.of(2), length: 'all', end: Uint8Array.of(3) },
  check: { kind: 'sum8', skip: 1 },
} as const;

for (const [name, bytes, message] of [
  ['another start, and all else right', [0x05, 0x05, 0x07, 0x0c, 0x03, 0xff], /begins with 05, not with 02/],
  ['another end, and all else right', [0x02, 0x05, 0x07, 0x0c, 0x04, 0xff], /ends with 04, not with 03/],
  ['a length that leaves no room for its own check', [0x02, 0x03, 0x03, 0x00, 0x03, 0xff], /length of 3/],
  ['a length of nothing at all', [0x02, 0x00, 0x00, 0x00, 0x03, 0xff], /length of 0/],
  ['a length of more than was read', [0x02, 0x07, 0x07, 0x0c, 0x01, 0x02], /length of 7/],
] as const) {
  test(`${name} is no frame`, () => {
    assert.throws(() => unframe(Uint8Array.from(bytes), FRAMED, 0x08), { code: 'wrong_frame', message });
  });
}

test('a frame that begins with the stray byte itself loses none', () => {
  const envelope = { stray: 0, start: Uint8Array.of(0, 1), end: new Uint8Array() };
  const frame = { write: new Uint8Array(), readLength: 5, envelope };
  assert.deepEqual([...unframe(Uint8Array.of(0, 1, 7, 8, 9), frame, 0x08)], [7, 8]);
});

test('the bytes of a target with nothing to say are told from data', () => {
  assert.equal(isEmptyReply(Uint8Array.of(0, 0xff, 0xff)), true);
  assert.equal(isEmptyReply(Uint8Array.of(0xff, 0xff, 0xff)), true);
  assert.equal(isEmptyReply(Uint8Array.of(0, 0xff)), false);
  assert.equal(isEmptyReply(Uint8Array.of(1, 0xff, 0xff)), false);
});
