// What bits of a reply have to be → the tests of the codec, and what of them can never be so.
import type { FieldTest, NumberTest, ReplyTest } from '../../../codec/reply-test.js';
import { WIRE_TYPES } from '../../../codec/wire-types.js';
import { defined } from '../../defined.js';
import type { FieldTestInput, ReplyTestInput } from '../../schema/reply-test.js';
import type { Report } from '../../report.js';

type NumberTestInput = Omit<FieldTestInput, 'field'>;

export function resolveNumberTest({ mask, is, not, min, max }: NumberTestInput): NumberTest {
  const list = (one: number | readonly number[] | undefined): readonly number[] | undefined =>
    one === undefined ? undefined : [one].flat();
  return defined({ mask, is: list(is), not: list(not), min, max });
}

/** Undefined where there are none; whether the fields are there is looked at elsewhere. */
export function resolveFieldTests(
  input: FieldTestInput | readonly FieldTestInput[] | undefined,
): readonly FieldTest[] | undefined {
  if (input === undefined) return undefined;
  return [input].flat().map(({ field, ...test }) => ({ field, ...resolveNumberTest(test) }));
}

/** Undefined where there are none. `bodyBytes`: how long the body is at most. */
export function resolveReplyTests(
  input: ReplyTestInput | readonly ReplyTestInput[] | undefined,
  bodyBytes: number,
  report: Report,
): readonly ReplyTest[] | undefined {
  if (input === undefined) return undefined;
  return [input].flat().map(({ at, type, ...test }) => {
    const { size, integer } = WIRE_TYPES[type];
    const [from, to] = at < 0 ? [-at, -at - size] : [at + size, 0];
    if (from > bodyBytes || to < 0)
      report([], `looks at bytes that the body of ${String(bodyBytes)} does not have; correct at or read`);
    reportTest(test, report);
    if (test.mask !== undefined && !integer) report(['mask'], `needs a whole number, not type ${type}`);
    return { at, type, ...resolveNumberTest(test) };
  });
}

/** Shared by tests of bytes and of fields. */
export function reportTest(test: NumberTestInput, report: Report): void {
  const { mask, is, not, min, max } = test;
  const isEmpty = [is, not, min, max].every((one) => one === undefined);
  if (isEmpty) report([], 'says nothing: add is, not, min or max');
  if (min !== undefined && max !== undefined && min > max) report(['min'], 'is above max; nothing is so');
  const beyond = [is ?? []].flat().find((value) => mask !== undefined && !isWithin(value, mask));
  if (beyond !== undefined && mask !== undefined)
    report(['is'], `is ${inHex(beyond)}, which has bits beside the mask ${inHex(mask)}: it is never so`);
}

function isWithin(value: number, mask: number): boolean {
  return value >= 0 && (BigInt(value) & ~BigInt(mask)) === 0n;
}

function inHex(value: number): string {
  return `${value < 0 ? '-' : ''}0x${Math.abs(value).toString(16).toUpperCase()}`;
}
