// Against the catalogue of parametrised CRC algorithms (reveng.sourceforge.io/crc-catalogue): check value of "123456789".
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkLength,
  checkOf,
  withChecksum,
  withoutChecksum,
  type CheckSpec,
} from '../../shared/codec/checksum.js';

const DIGITS = new TextEncoder().encode('123456789');

const VECTORS: readonly (readonly [string, CheckSpec, number])[] = [
  ['CRC-8/SMBUS', { kind: 'crc8', poly: 0x07 }, 0xf4],
  ['CRC-8/MAXIM-DOW', { kind: 'crc8', poly: 0x31, reflect: true }, 0xa1],
  ['CRC-8/NRSC-5 (Sensirion)', { kind: 'crc8', poly: 0x31, init: 0xff }, 0xf7],
  ['CRC-8/I-432-1', { kind: 'crc8', poly: 0x07, xorOut: 0x55 }, 0xa1],
  ['CRC-8/ROHC', { kind: 'crc8', poly: 0x07, init: 0xff, reflect: true }, 0xd0],
  ['CRC-16/MODBUS', { kind: 'crc16', poly: 0x8005, init: 0xffff, reflect: true }, 0x4b37],
  ['CRC-16/XMODEM', { kind: 'crc16', poly: 0x1021 }, 0x31c3],
  ['CRC-16/IBM-3740', { kind: 'crc16', poly: 0x1021, init: 0xffff }, 0x29b1],
  ['CRC-16/IBM-SDLC', { kind: 'crc16', poly: 0x1021, init: 0xffff, reflect: true, xorOut: 0xffff }, 0x906e],
  ['CRC-16/UMTS', { kind: 'crc16', poly: 0x8005 }, 0xfee8],
  // 0x31 + … + 0x39 = 0x1DD; 0x31 ^ … ^ 0x39 = 0x31.
  ['a sum', { kind: 'sum8' }, 0xdd],
  ['an inverted sum', { kind: 'sum8', xorOut: 0xff }, 0x22],
  ['a sum that begins at 1', { kind: 'sum8', init: 1 }, 0xde],
  ['an xor', { kind: 'xor8' }, 0x31],
  ['an inverted xor that begins at 0x0F', { kind: 'xor8', init: 0x0f, xorOut: 0xff }, 0xc1],
];

for (const [name, check, expected] of VECTORS) {
  test(`${name} of "123456789" is 0x${expected.toString(16)}`, () => {
    assert.equal(checkOf(DIGITS, check), expected);
  });
}

test('a crc16 stands in the reply in the order it says', () => {
  const spec = { kind: 'crc16', poly: 0x8005, init: 0xffff, reflect: true } as const;
  assert.deepEqual([...withChecksum(DIGITS, { ...spec, order: 'le' })].slice(-2), [0x37, 0x4b]);
  assert.deepEqual([...withChecksum(DIGITS, { ...spec, order: 'be' })].slice(-2), [0x4b, 0x37]);
});

test('a check over what was written as well knows the register, and SMBus’s also the address', () => {
  const context = { address: 0x5a, write: Uint8Array.of(0x07) };
  // MLX90614 datasheet, 8.4.3.1: SA 0x5A, command 0x07, data 0xD2 0x3A, PEC 0x30.
  const pec = { kind: 'crc8', poly: 0x07, over: 'pec' } as const;
  assert.deepEqual([...withChecksum(Uint8Array.of(0xd2, 0x3a), pec, context)], [0xd2, 0x3a, 0x30]);
  const sum = { kind: 'sum8', over: 'write_and_reply' } as const;
  assert.deepEqual([...withChecksum(Uint8Array.of(1, 2), sum, context)], [1, 2, 0x0a]);
});

test('a check behind every word covers that word alone', () => {
  // SHT3x datasheet, 4.12: the CRC of 0xBEEF is 0x92.
  const check = { kind: 'crc8', poly: 0x31, init: 0xff, each: 2 } as const;
  const reply = Uint8Array.of(0xbe, 0xef, 0x92, 0xbe, 0xef, 0x92);
  assert.equal(checkLength(check, reply.length), 2);
  assert.deepEqual([...(withoutChecksum(reply, check) ?? [])], [0xbe, 0xef, 0xbe, 0xef]);
  assert.equal(withoutChecksum(Uint8Array.of(0xbe, 0xef, 0x92, 0xbe, 0xef, 0x93), check), undefined);
});

const anyCheck: fc.Arbitrary<CheckSpec> = fc.record(
  {
    kind: fc.constantFrom('crc8', 'crc16', 'sum8', 'xor8'),
    reflect: fc.boolean(),
    init: fc.integer({ min: 0, max: 0xff }),
    xorOut: fc.integer({ min: 0, max: 0xff }),
    order: fc.constantFrom('le', 'be'),
    over: fc.constantFrom('reply', 'write_and_reply', 'pec'),
  },
  { requiredKeys: ['kind'] },
);

test('what the far end appends holds, and with any one bit turned it does not', () => {
  const bit = fc.nat({ max: 8 * 20 });
  fc.assert(
    fc.property(anyCheck, fc.uint8Array({ minLength: 1, maxLength: 20 }), bit, (check, body, at) => {
      const context = { address: 0x20, write: Uint8Array.of(0x10, 0x01) };
      const reply = withChecksum(body, check, context);
      assert.deepEqual(withoutChecksum(reply, check, context), body);
      const place = at % (reply.length * 8);
      reply[place >> 3] = (reply[place >> 3] ?? 0) ^ (1 << (place & 7));
      assert.equal(withoutChecksum(reply, check, context), undefined);
    }),
  );
});

test('a check that covers no byte proves nothing, and is not believed', () => {
  // The crc8 of nothing is 0.
  assert.equal(withoutChecksum(Uint8Array.of(5, 0), { kind: 'crc8', skip: 1 }), undefined);
  assert.deepEqual(withoutChecksum(Uint8Array.of(5, 0, 0), { kind: 'crc8', skip: 1 }), Uint8Array.of(5, 0));
});
