// What raises an alarm, as written → what it means, and every condition that could never be, or never end.
import {
  CONDITION_KINDS,
  type AlarmCondition,
  type ConditionKind,
  type ValueCondition,
} from '../../../alarms/spec.js';
import { valueTypeOf } from '../../../codec/fields.js';
import type { FieldSpec } from '../../../device-type.js';
import { durationText } from '../../../words/amounts.js';
import type { Report } from '../../report.js';
import { RATE, type AlarmInput } from '../../schema/alarm.js';
import { durationMs } from '../../schema/scalars.js';
import { spanOf } from '../reading/raw-number.js';

/** A field that is told, and how often it is read. */
export interface ToldField {
  readonly spec: FieldSpec;
  readonly everyMs: number;
}

const NUMBER_CONDITIONS = ['above', 'below', 'outside', 'rate'] as const;

/** Undefined where it has mistakes, which are reported. */
export function resolveCondition(
  input: AlarmInput,
  fields: ReadonlyMap<string, ToldField>,
  report: Report,
): AlarmCondition | undefined {
  const given = CONDITION_KINDS.filter((key) => input[key] !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    const all = 'above, below, outside, is, rate, stale or offline';
    report(
      [],
      kind === undefined
        ? `says not what raises it: ${all}`
        : `has ${given.join(' and ')}; one alarm has one of ${all}`,
    );
    return undefined;
  }
  reportUseless(input, kind, report);
  const field = input.field === undefined ? undefined : fields.get(input.field);
  if (input.field !== undefined && field === undefined) {
    const known = [...fields.keys()].slice(0, 10).join(', ');
    report(
      ['field'],
      `names ${input.field}, which is no field that is told${known === '' ? '' : `; there are ${known}`}`,
    );
    return undefined;
  }
  if (kind === 'offline') return { kind };
  if (kind === 'stale') return stale(input, fields, field, report);
  if (field === undefined) {
    report([kind], 'needs field: the one it looks at');
    return undefined;
  }
  return ofField(input, kind, field, report);
}

function reportUseless(input: AlarmInput, kind: ConditionKind, report: Report): void {
  if (kind === 'offline' && input.field !== undefined)
    report(['field'], 'has no meaning with offline, which is of the whole device; remove it');
  if (kind === 'stale' && input.for !== undefined)
    report(['for'], 'has no meaning with stale, which says itself for how long; remove it');
  if (input.hysteresis !== undefined && !NUMBER_CONDITIONS.some((one) => one === kind))
    report(['hysteresis'], `has no meaning with ${kind}; remove it`);
}

function stale(
  { stale: text = '', field: id }: AlarmInput,
  fields: ReadonlyMap<string, ToldField>,
  field: ToldField | undefined,
  report: Report,
): AlarmCondition {
  const afterMs = durationMs(text);
  const intervals =
    field === undefined ? [...fields.values()].map(({ everyMs }) => everyMs) : [field.everyMs];
  const everyMs = Math.min(...intervals);
  if (intervals.length === 0) report(['stale'], 'needs samples: nothing is read of this type');
  else if (afterMs <= everyMs)
    report(
      ['stale'],
      `is no longer than the time between two readings (${durationText(everyMs)}); make it longer`,
    );
  return { kind: 'stale', afterMs, ...(id === undefined ? {} : { field: id }) };
}

function ofField(
  input: AlarmInput,
  kind: Exclude<ConditionKind, 'stale' | 'offline'>,
  { spec, everyMs }: ToldField,
  report: Report,
): AlarmCondition | undefined {
  const type = valueTypeOf(spec);
  if (kind === 'is') return { ...sameAs(input, spec, report), field: spec.id };
  if (type !== 'number') {
    report(
      [kind],
      `needs a number, and ${spec.id} is ${type === 'boolean' ? 'true or false' : 'a text'}; use is`,
    );
    return undefined;
  }
  const condition = ofNumber(input, kind, everyMs, report);
  const span = possible(spec);
  if (span !== undefined) reportImpossible(condition, span, report);
  return { ...condition, field: spec.id };
}

type NumberCondition = Exclude<ValueCondition, { readonly kind: 'is' }>;

function ofNumber(
  { above = 0, below = 0, outside = [0, 0], rate = '', hysteresis = 0 }: AlarmInput,
  kind: (typeof NUMBER_CONDITIONS)[number],
  everyMs: number,
  report: Report,
): NumberCondition {
  if (kind === 'above') return { kind, limit: above, hysteresis };
  if (kind === 'below') return { kind, limit: below, hysteresis };
  if (kind === 'outside') {
    const [low, high] = outside;
    if (low >= high) report(['outside'], 'has its smaller number first, and the larger one behind it');
    else if (low + hysteresis > high - hysteresis)
      report(['hysteresis'], `leaves nothing between ${String(low)} and ${String(high)}: it would never end`);
    return { kind, low, high, hysteresis };
  }
  const [, sign = '', by = '', count = '1', unit = 's'] = RATE.exec(rate) ?? [];
  const withinMs = durationMs(`${count}${unit}`);
  if (Number(by) === 0) report(['rate'], 'must be above 0: every change would raise it');
  if (withinMs < everyMs)
    report(
      ['rate'],
      `looks at less than the time between two readings (${durationText(everyMs)}); name a longer time, such as 5/10m`,
    );
  if (hysteresis >= Number(by) && Number(by) > 0)
    report(['hysteresis'], 'is as large as the change: it would never end');
  const direction = sign === '+' ? 'up' : sign === '-' ? 'down' : 'either';
  return { kind, by: Number(by), withinMs, direction, hysteresis };
}

/** The least and the most that is believed. */
function possible(spec: FieldSpec): readonly [number, number] | undefined {
  const [least, most] = spanOf(spec) ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const { min = least, max = most } = spec;
  const span = [Math.max(least, min), Math.min(most, max)] as const;
  return span.every((end) => !Number.isFinite(end)) ? undefined : span;
}

function reportImpossible(
  condition: NumberCondition,
  [least, most]: readonly [number, number],
  report: Report,
): void {
  const span = `${String(least)} to ${String(most)}`;
  const never = `is beyond all that is believed of the field (${span}): it would never be raised`;
  const always = `holds for all that is believed of the field (${span}): it would never end`;
  const stuck = `is so large that it would never end: the field is ${span}`;
  if (condition.kind === 'rate') {
    if (condition.by >= most - least) report(['rate'], never);
    return;
  }
  const { hysteresis } = condition;
  if (condition.kind === 'outside') {
    const { low, high } = condition;
    if (low <= least && high >= most) report(['outside'], never);
    if (high < least || low > most) report(['outside'], always);
    else if (low + hysteresis > most || high - hysteresis < least) report(['hysteresis'], stuck);
    return;
  }
  const { kind, limit } = condition;
  const back = kind === 'above' ? limit - hysteresis : limit + hysteresis;
  if (kind === 'above' ? limit >= most : limit <= least) report([kind], never);
  else if (kind === 'above' ? limit < least : limit > most) report([kind], always);
  else if (kind === 'above' ? back < least : back > most) report(['hysteresis'], stuck);
}

function sameAs(input: AlarmInput, spec: FieldSpec, report: Report): Extract<ValueCondition, { kind: 'is' }> {
  const values = [input.is ?? []].flat();
  const type = valueTypeOf(spec);
  const names = spec.names === undefined ? undefined : [...spec.names.values()];
  for (const value of values) {
    if (typeof value !== type)
      report(
        ['is'],
        `is ${JSON.stringify(value)}, and ${spec.id} is ${type === 'boolean' ? 'true or false' : `a ${type === 'string' ? 'text' : 'number'}`}`,
      );
    else if (names !== undefined && !names.some((name) => name === value))
      report(
        ['is'],
        `is ${JSON.stringify(value)}, which is none of its names: ${names.slice(0, 10).join(', ')}`,
      );
  }
  return { kind: 'is', values };
}
