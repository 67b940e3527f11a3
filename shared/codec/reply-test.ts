// What bits of a reply have to be: readiness, validity, identity, and whether a device still has its set-up, in one form.
import { WIRE_TYPES, type NumberTypeName } from './wire-types.js';

/** What a number has to be, its masked bits alone where there is a mask: one of some, and within limits. */
export interface NumberTest {
  readonly mask?: number;
  readonly is?: readonly number[];
  readonly not?: readonly number[];
  readonly min?: number;
  readonly max?: number;
}

/** Of a number that lies in the body of a reply. */
export interface ReplyTest extends NumberTest {
  /** First byte; below 0 it is counted from the end, -1 is the last. */
  readonly at: number;
  readonly type: NumberTypeName;
}

/** Of a field of the same sample, as it lies in the bytes: before its scale. */
export interface FieldTest extends NumberTest {
  readonly field: string;
}

export function passes(raw: number, { mask, is, not, min, max }: NumberTest): boolean {
  const seen = mask === undefined ? raw : masked(raw, mask);
  if (is?.includes(seen) === false) return false;
  if (not?.includes(seen) === true) return false;
  return seen >= (min ?? -Infinity) && seen <= (max ?? Infinity);
}

/** The first test that the body does not pass, where it has all the bytes; a byte that is not there passes nothing. */
export function failedTest(body: Uint8Array, tests: readonly ReplyTest[] | undefined): ReplyTest | undefined {
  return tests?.find((test) => {
    const raw = numberAt(body, test);
    return raw === undefined || !passes(raw, test);
  });
}

/** Writes into the body what passes the tests, for simulated targets; what passes already is left as it is. */
export function makePass(body: Uint8Array, tests: readonly ReplyTest[]): void {
  for (const test of tests) {
    const raw = numberAt(body, test);
    if (raw === undefined || passes(raw, test)) continue;
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    WIRE_TYPES[test.type].write(view, placeOf(body, test), passing(raw, test));
  }
}

/** A number that passes, the bits beside the mask as they were. */
export function passing(raw: number, test: NumberTest): number {
  const { mask } = test;
  const seen = oneThatPasses(test);
  return mask === undefined || !Number.isFinite(raw) ? seen : raw - masked(raw, mask) + seen;
}

/** In words: `bits 0x80 of byte 0 are 0`. */
export function testInWords({ at, type, ...test }: ReplyTest): string {
  const size = WIRE_TYPES[type].size;
  const where = at < 0 ? `the byte ${String(-at)} from the end` : `byte ${String(at)}`;
  const what = size === 1 ? where : `${type} at ${where}`;
  return wantedInWords(what, test);
}

export function wantedInWords(what: string, { mask, is, not, min, max }: NumberTest): string {
  const subject = mask === undefined ? what : `${what} & 0x${mask.toString(16).toUpperCase()}`;
  const wanted = [
    ...(is === undefined ? [] : [`be ${is.map(String).join(' or ')}`]),
    ...(not === undefined ? [] : [`not be ${not.map(String).join(' or ')}`]),
    ...(min === undefined ? [] : [`be at least ${String(min)}`]),
    ...(max === undefined ? [] : [`be at most ${String(max)}`]),
  ];
  return `${subject} has to ${wanted.join(' and ')}`;
}

function numberAt(body: Uint8Array, test: ReplyTest): number | undefined {
  const at = placeOf(body, test);
  const { size } = WIRE_TYPES[test.type];
  if (at < 0 || at + size > body.length) return undefined;
  return WIRE_TYPES[test.type].read(new DataView(body.buffer, body.byteOffset, body.byteLength), at);
}

function placeOf(body: Uint8Array, { at }: ReplyTest): number {
  return at < 0 ? body.length + at : at;
}

/**
 * Bits of whole numbers of more than 32 bits, at which JavaScript's own operators cut. What is no number, such as wrong BCD
 * digits, has none: it stays what it is, and passes nothing.
 */
function masked(raw: number, mask: number): number {
  if (!Number.isFinite(raw)) return Number.NaN;
  return Number(BigInt.asUintN(64, BigInt(Math.trunc(raw))) & BigInt(mask));
}

function oneThatPasses({ mask, is, not = [], min, max }: NumberTest): number {
  const [first] = is?.filter((value) => !not.includes(value)) ?? [];
  if (first !== undefined) return first;
  const low = min ?? Math.min(0, max ?? 0);
  // One bit more than there are refused ones is enough to find one that is not.
  const steps = Array.from({ length: not.length + 1 }, (_, index) => low + index * lowestBit(mask ?? 1));
  return steps.find((value) => !not.includes(value)) ?? low;
}

function lowestBit(mask: number): number {
  return Number(BigInt(mask) & -BigInt(mask));
}
