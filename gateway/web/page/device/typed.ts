// What somebody typed into a command's form, checked before it is sent.
import type { ShownArgument, ShownCommand } from '../live/model.js';
import type { Value } from '../../../../shared/sample.js';
import { numberText, typedNumber } from '../words/numbers.js';
import { durationText } from '../words/times.js';
import type { Speech } from '../words/speech.js';

export type Checked = { readonly value: Value } | { readonly fault: string };

export function checked(
  argument: ShownArgument,
  typed: string | boolean,
  { texts, locale }: Speech,
): Checked {
  if (typeof typed === 'boolean') return { value: typed };
  if (argument.type === 'string') return { value: typed };
  if (typed.trim() === '') return { fault: texts.command.needed };
  const number = typedNumber(typed);
  if (number === undefined) return { fault: texts.command.notANumber };
  const { min = -Infinity, max = Infinity } = argument;
  if (number >= min && number <= max) return { value: number };
  return { fault: texts.command.outside(limitText(min, locale), limitText(max, locale)) };
}

function limitText(limit: number, locale: string): string {
  return Number.isFinite(limit) ? numberText(limit, locale) : '…';
}

export const UNITS = ['s', 'm', 'h'] as const;
export type Unit = (typeof UNITS)[number];
const UNIT_MS: Readonly<Record<Unit, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

export type CheckedEnd = { readonly lastsMs?: number; readonly lasts?: string } | { readonly fault: string };

/** How long it lasts: nothing typed is as the description says. */
export function checkedEnd(
  ending: NonNullable<ShownCommand['ending']>,
  typed: string,
  unit: Unit,
  { texts }: Speech,
): CheckedEnd {
  if (typed.trim() === '') return ending.defaultMs === undefined ? {} : { lastsMs: ending.defaultMs };
  const number = typedNumber(typed);
  if (number === undefined) return { fault: texts.command.notANumber };
  const lastsMs = Math.round(number * UNIT_MS[unit]);
  if (lastsMs < 1 || lastsMs > ending.maxMs)
    return { fault: texts.command.outside('1 ms', durationText(ending.maxMs)) };
  return { lastsMs, lasts: `${String(lastsMs)}ms` };
}

/** What stands in the form at first: what is so now, else its default, else its lowest or the first of its names. */
export function firstTyped(
  argument: ShownArgument,
  now: Value | undefined,
  locale: string,
): string | boolean {
  if (argument.type === 'boolean') return typeof now === 'boolean' ? now : argument.fallback === true;
  if (argument.type === 'string') return firstText(argument, now);
  const { min = -Infinity, max = Infinity, fallback } = argument;
  const isAllowed = typeof now === 'number' && now >= min && now <= max;
  const number = isAllowed ? now : (fallback ?? argument.min);
  return typeof number === 'number' ? numberText(number, locale, 15) : '';
}

function firstText({ names, fallback }: ShownArgument, now: Value | undefined): string {
  const possible = [now, fallback].filter((one) => typeof one === 'string');
  if (names === undefined) return possible[0] ?? '';
  return possible.find((one) => names.includes(one)) ?? names[0] ?? '';
}

/** The field that shows what an argument sets: of its name, or for the only one of the command's name. */
export function fieldShowing(
  command: ShownCommand,
  argument: ShownArgument,
  fields: Iterable<string>,
): string | undefined {
  const known = new Set(fields);
  if (known.has(argument.id)) return argument.id;
  return command.args.length === 1 && known.has(command.id) ? command.id : undefined;
}
