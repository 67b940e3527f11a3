import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  frameOfSaid,
  frameOfTransaction,
  type FromBusProcess,
  numberAfter,
  saidOf,
  transactionOf,
} from '../../../../gateway/i2c/linux/bus-protocol.js';
import { FrameReader } from '../../../../gateway/i2c/linux/frames.js';
import { MOST_BYTES } from '../../../../gateway/i2c/linux/limits.js';

const NO_NULL_PROTOTYPE = { noNullPrototype: true } as const;
const id = fc.nat(0xffff_ffff);
const bytes = fc.uint8Array({ maxLength: 40 });
const failure = fc.record(
  { code: fc.constantFrom('no_ack', 'bus_fault'), message: fc.string() },
  NO_NULL_PROTOTYPE,
);
const transaction = fc.record(
  { address: fc.nat(0x7f), readLength: fc.nat(MOST_BYTES), repeatedStart: fc.boolean(), write: bytes },
  { requiredKeys: ['address', 'readLength', 'repeatedStart'], noNullPrototype: true },
);
const said: fc.Arbitrary<FromBusProcess> = fc.oneof(
  fc.constant('ready' as const),
  fc.record({ openFailed: failure }, NO_NULL_PROTOTYPE),
  fc.record({ id, bytes }, NO_NULL_PROTOTYPE),
  fc.record({ id, failure }, NO_NULL_PROTOTYPE),
);

/** However the stream cuts them. */
function received(frames: readonly Buffer[], cut: number): Buffer[] {
  const stream = Buffer.concat(frames);
  const reader = new FrameReader();
  const whole: Buffer[] = [];
  for (let at = 0; at < stream.length; at += cut) whole.push(...reader.push(stream.subarray(at, at + cut)));
  return whole;
}

test('every transaction reaches the bus process as it was, however the stream cuts it', () => {
  const asked = fc.record({ id, transaction }, NO_NULL_PROTOTYPE);
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (all, cut) => {
      const came = received(all.map(frameOfTransaction), cut).map(transactionOf);
      const plain = came.map((one) => {
        const { write, ...rest } = one.transaction;
        return {
          ...one,
          transaction: write === undefined ? rest : { ...rest, write: new Uint8Array(write) },
        };
      });
      assert.deepEqual(plain, all);
    }),
  );
});

test('everything the bus process says comes as it was, however the stream cuts it', () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (all, cut) => {
      assert.deepEqual(received(all.map(frameOfSaid), cut).map(saidOf), all);
    }),
  );
});

test('behind the largest number of a transaction comes one that can be said, and is another', () => {
  const largest = 0xffff_ffff;
  const next = numberAfter(largest);
  const [frame] = received([frameOfTransaction({ id: next, transaction: { address: 8 } })], 50);
  assert.equal(frame && transactionOf(frame).id, next);
  assert.notEqual(next, largest);
  assert.equal(numberAfter(next), next + 1);
});
