// Samples as they come to the store's thread, of every kind.
import fc from 'fast-check';
import type { AheadRow } from '../../../../gateway/store/ahead/row.js';
import { rowOfIncoming } from '../../../../gateway/store/rows/sample.js';
import type { IncomingSample } from '../../../../shared/sample.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const name = text.map((written) => written.replaceAll('\0', ''));
const field = fc.oneof(fc.constantFrom('level', 'temperature', '__proto__', '7'), text);
const value = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  text,
  fc.constant(null),
);
const ts = fc.oneof(
  fc.integer({ min: 1_767_000_000_000, max: 1_767_000_100_000 }),
  fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
);

/** Positions are those that `rowsOf` gives. */
const sample: fc.Arbitrary<IncomingSample> = fc
  .record({
    ts,
    gateway: fc.constantFrom('g', 'greenhouse'),
    device: fc.oneof(fc.constantFrom('tank-1', 'tank-2'), name),
    identity: fc.option(
      fc.record({ boot: fc.oneof(fc.constantFrom('a', 'b', ''), name), seq: fc.maxSafeNat() }),
      { nil: undefined },
    ),
    values: fc.dictionary(field, value, { maxKeys: 3 }),
    errors: fc.option(fc.dictionary(field, text, { maxKeys: 2 }), { nil: undefined }),
    mark: fc.option(
      fc.tuple(fc.constantFrom('unsynchronised', 'corrected'), fc.option(name, { nil: undefined })),
      {
        nil: undefined,
      },
    ),
  })
  .map(({ identity, errors, mark, ...given }) => ({
    ...given,
    ...(identity === undefined ? {} : { identity }),
    ...(errors === undefined ? {} : { errors }),
    ...(mark === undefined ? {} : { clock: mark[0] }),
    ...(mark?.[1] === undefined ? {} : { run: mark[1] }),
  }));

/** Of few devices that say the same again and again. */
const plain: fc.Arbitrary<IncomingSample> = fc
  .record({ device: fc.constantFrom('tank-1', 'tank-2'), seq: fc.nat(1000), level: fc.nat(1000) })
  .map(({ device, seq, level }) => ({
    ...{ ts: 1000 + seq, gateway: 'g', device, values: { level } },
    identity: { boot: 'a', seq },
  }));

export const plainSamples = fc.array(plain, { maxLength: 4 });

export const samples = fc.array(sample, { maxLength: 12 });

export function rowsOf(given: readonly IncomingSample[], firstPosition = 1): AheadRow[] {
  return given.map((one, index) => ({
    // Zero has one sign in a file.
    ...rowOfIncoming({ ...one, ts: one.ts + 0 }),
    position: firstPosition + index,
    acceptedTs: Math.round(one.ts) + index,
  }));
}
