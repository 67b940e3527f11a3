// A byte or word that was read, with some of its bits changed: one output of a port, the others as they are.
import type { ModifySpec } from './spec.js';
import { bytesOf } from './template.js';

/** `body`: 1 or 2 bytes, the first the more significant. */
export function changed(
  body: Uint8Array,
  { mask, value, truth, littleEndian, invert, ones }: ModifySpec,
  encoded: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const word = body.reduce((sum, byte) => sum * 256 + byte, 0);
  const given = typeof value === 'number' ? value : numberOf(bytesOf(value.argument, encoded), littleEndian);
  const bits = truth === true ? (given === 0 ? 0 : mask) : (given * (mask & -mask)) & mask;
  const wanted = invert ? mask & ~bits : bits;
  const next = (word & ~mask) | wanted | ones;
  return body.length === 1 ? Uint8Array.of(next & 0xff) : Uint8Array.of((next >> 8) & 0xff, next & 0xff);
}

function numberOf(bytes: Uint8Array, littleEndian = false): number {
  const inOrder = littleEndian ? bytes.toReversed() : bytes;
  return inOrder.reduce((sum, byte) => sum * 256 + byte, 0);
}
