// Every number type, both ways: what is written is read again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NUMBER_TYPE_NAMES, WIRE_TYPES } from '../../shared/codec/wire-types.js';

for (const name of NUMBER_TYPE_NAMES) {
  const type = WIRE_TYPES[name];
  const values = type.integer
    ? fc.oneof(
        fc.constantFrom(type.min, type.max),
        fc.integer({ min: Math.max(type.min, -(2 ** 31)), max: Math.min(type.max, 2 ** 31 - 1) }),
      )
    : fc.float({ noNaN: true, noDefaultInfinity: true });
  test(`a ${name} that is written is read again, and its neighbours stay`, () => {
    fc.assert(
      fc.property(values, fc.nat(2), (value, at) => {
        const bytes = new Uint8Array(type.size + 2).fill(0xa5);
        const view = new DataView(bytes.buffer);
        type.write(view, at, value);
        assert.equal(type.read(view, at), value);
        const around = [...bytes.subarray(0, at), ...bytes.subarray(at + type.size)];
        assert.ok(around.every((byte) => byte === 0xa5));
      }),
    );
  });
}

/** The highest bit of either end is set: byte order and sign both show. */
const BYTES = [0xf1, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x98];
const DIGITS = [0x91, 0x02, 0x03, 0x84];

/** What the bytes mean, told by the name alone. */
function meant(name: string): number {
  const [, kind = '', bits = ''] = /^([a-z]+)(\d+)/.exec(name) ?? [];
  const bytes = Buffer.from((kind === 'bcd' ? DIGITS : BYTES).slice(0, Number(bits) / 8));
  if (name.endsWith('le')) bytes.reverse();
  if (kind === 'float') return bits === '32' ? bytes.readFloatBE() : bytes.readDoubleBE();
  if (kind === 'bcd') return Number(bytes.toString('hex'));
  const whole = BigInt(`0x${bytes.toString('hex')}`);
  const sign = 1n << BigInt(Number(bits) - 1);
  if (kind === 'signmag' && whole >= sign) return Number(sign - whole);
  return Number(kind === 'int' ? BigInt.asIntN(Number(bits), whole) : whole);
}

for (const name of NUMBER_TYPE_NAMES) {
  test(`a ${name} is read in the order and with the sign that its name says`, () => {
    const type = WIRE_TYPES[name];
    const { buffer } = Uint8Array.from(name.startsWith('bcd') ? DIGITS : BYTES);
    assert.equal(type.read(new DataView(buffer, 0, type.size), 0), meant(name));
  });
}

test('a part of the bits that is written is read again, and the other bits stay', () => {
  const place = fc.tuple(fc.nat(15), fc.nat(15)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(place, fc.integer(), fc.nat(0xffff), ([low, high], seed, before) => {
      const type = WIRE_TYPES.int16be;
      const { min, max } = type.limits([low, high]);
      const value = min + (Math.abs(seed) % (max - min + 1));
      const view = new DataView(new ArrayBuffer(2));
      view.setUint16(0, before);
      type.write(view, 0, value, [low, high]);
      assert.equal(type.read(view, 0, [low, high]), value);
      const others = 0xffff & ~((2 ** (high - low + 1) - 1) << low);
      assert.equal(view.getUint16(0) & others, before & others);
    }),
  );
});
