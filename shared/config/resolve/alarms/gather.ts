// Where the alarms of a device stand in the file: on its fields, on its type, and on itself.
import { CONDITION_KINDS } from '../../../alarms/spec.js';
import { ID_PATTERN } from '../../../topics.js';
import { defined } from '../../defined.js';
import type { ConfigPath } from '../../problem.js';
import { below, type Report } from '../../report.js';
import type { AlarmInput } from '../../schema/alarm.js';
import type { FieldInput } from '../../schema/field.js';
import type { TypeInput } from '../../schema/type.js';

export interface Gathered {
  readonly input: AlarmInput;
  /** Where its mistakes are reported. */
  readonly report: Report;
}

interface FieldPlace {
  readonly described: string;
  readonly field: FieldInput;
  readonly path: ConfigPath;
}

/** By their ids in the device: `high` of the field level is `level_high`. */
export function alarmsOfType(input: TypeInput, report: Report): Map<string, Gathered> {
  const found = new Map<string, Gathered>();
  const add = (id: string, alarm: AlarmInput, place: Report): void => {
    if (!ID_PATTERN.test(id)) place([], `would be the alarm ${id}, whose id is too long; shorten it`);
    if (found.has(id)) place([], `is the alarm ${id}, which there is already; give it another id`);
    found.set(id, { input: alarm, report: place });
  };
  for (const { described, field, path } of fieldsOf(input)) {
    for (const [id, alarm] of Object.entries(field.alarms ?? {})) {
      const place = below(report, ...path, 'fields', described, 'alarms', id);
      for (const each of idsOf(described, field.each)) add(`${each}_${id}`, { ...alarm, field: each }, place);
    }
  }
  for (const [id, alarm] of Object.entries(input.alarms)) add(id, alarm, below(report, 'alarms', id));
  return found;
}

function fieldsOf({ samples }: TypeInput): FieldPlace[] {
  return samples.flatMap((sample, index) => [
    ...placesOf(sample.fields, ['samples', index]),
    ...(sample.steps ?? []).flatMap((step, number) =>
      placesOf(step.fields, ['samples', index, 'steps', number]),
    ),
  ]);
}

function placesOf(fields: Readonly<Record<string, FieldInput>>, path: ConfigPath): FieldPlace[] {
  return Object.entries(fields).map(([described, field]) => ({ described, field, path }));
}

function idsOf(described: string, each: number | undefined): string[] {
  if (each === undefined) return [described];
  return Array.from({ length: each }, (_, index) => `${described}_${String(index + 1)}`);
}

/** An alarm of the type with what a device says of it: its own condition takes the place of the type's. */
export function ownAlarm(base: AlarmInput | undefined, own: AlarmInput): AlarmInput {
  if (base === undefined) return own;
  const hasOwn = CONDITION_KINDS.some((key) => own[key] !== undefined);
  const dropped = hasOwn ? Object.fromEntries(CONDITION_KINDS.map((key) => [key, undefined])) : {};
  return defined({ ...base, ...dropped, ...own });
}
