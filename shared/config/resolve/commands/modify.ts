// The bits that a command changes of what it has read, and whether they can hold what they are to become.
import { encodeArgument } from '../../../codec/write/argument.js';
import { isNumberType, WIRE_TYPES } from '../../../codec/wire-types.js';
import type { ArgumentSpec, ModifySpec } from '../../../codec/write/spec.js';
import { defined } from '../../defined.js';
import type { StepInput } from '../../schema/step.js';
import type { Report } from '../../report.js';

type ModifyInput = NonNullable<StepInput['modify']>;

/** `readBytes`: how many bytes are read, and changed. */
export function resolveModify(
  { mask, value, invert, ones }: ModifyInput,
  readBytes: number,
  args: readonly ArgumentSpec[],
  report: Report,
): ModifySpec {
  if (readBytes < 1 || readBytes > 2) report([], 'changes what is read: read 1 byte or 2');
  for (const [key, bits] of Object.entries({ mask, ones }))
    if (readBytes === 1 && bits > 0xff) report([key], `is ${inHex(bits)}, and one byte is read`);
  const plain = { mask, invert, ones };
  if (typeof value === 'number') {
    if (placed(value, mask) === undefined) report(['value'], `is ${String(value)}, ${tooLarge(mask)}`);
    return { ...plain, value };
  }
  const id = value.slice(1);
  const argument = args.find((one) => one.id === id);
  // One that args does not declare is told by whoever looks at all of them.
  if (argument?.type === 'bool') return { ...plain, value: { argument: id }, truth: true };
  if (argument !== undefined) reportTooLarge(argument, mask, report);
  const littleEndian = argument?.type.endsWith('le') === true || undefined;
  return { ...plain, value: { argument: id }, ...defined({ littleEndian }) };
}

function reportTooLarge(argument: ArgumentSpec, mask: number, report: Report): void {
  const { id, type, min, max } = argument;
  const lowest = mask & -mask;
  const width = Math.log2(mask / lowest + 1);
  if (!Number.isInteger(width))
    report(['value'], `stands at bits that are not side by side (${inHex(mask)}); only a bool can`);
  else if (!isNumberType(type) || !WIRE_TYPES[type].integer || !/^u?int|^bcd/.test(type))
    report(['value'], `is of type ${type}; bits of a register take a bool, or a type int, uint or bcd`);
  else if (type.startsWith('int') ? !isSigned(argument, width) : bitsOf(argument, max) >= 2 ** width)
    report(
      ['value'],
      `may be ${String(min)} to ${String(max)}, ${tooLarge(mask)}; give the argument ${id} a min and a max`,
    );
}

/** Whether the low bits of its two's complement are all of it. */
function isSigned({ min, max, scale = 1, offset = 0 }: ArgumentSpec, width: number): boolean {
  const [low = 0, high = 0] = [min, max].map((value) => Math.round((value - offset) / scale));
  const limit = 2 ** (width - 1);
  return low < 0 ? low >= -limit && high < limit : high < 2 * limit;
}

/** The bits of an unsigned one, as a number. */
function bitsOf(argument: ArgumentSpec, value: number): number {
  const bytes = [...encodeArgument(argument, value)];
  if (argument.type.endsWith('le')) bytes.reverse();
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Where the number stands among the bits; undefined where some of it stands beside them. */
function placed(value: number, mask: number): number | undefined {
  const bits = value * (mask & -mask);
  return (bits & ~mask) === 0 ? bits : undefined;
}

function tooLarge(mask: number): string {
  const most = mask / (mask & -mask);
  return `which the bits of mask ${inHex(mask)} can’t hold (0 to ${String(most)})`;
}

function inHex(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}
