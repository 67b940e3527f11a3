// The alarms of a type, and of a device: each with its sentences, and every mistake that their schema can't see.
import { FACTS, SENTENCES, unknownFacts } from '../../../alarms/sentence.js';
import type { AlarmCondition, AlarmSpec } from '../../../alarms/spec.js';
import type { SampleSpec } from '../../../device-type.js';
import { durationText } from '../../../words/amounts.js';
import { defined } from '../../defined.js';
import type { Problem } from '../../problem.js';
import { below, type Report } from '../../report.js';
import type { AlarmInput } from '../../schema/alarm.js';
import type { ConfigInput } from '../../schema/document.js';
import { durationMs } from '../../schema/scalars.js';
import type { TypeInput } from '../../schema/type.js';
import { resolveCondition, type ToldField } from './condition.js';
import { alarmsOfType, ownAlarm } from './gather.js';

export function resolveAlarms(
  input: TypeInput,
  samples: readonly SampleSpec[],
  report: Report,
): readonly AlarmSpec[] {
  const fields = toldFields(samples);
  reportElsewhere(input, report);
  return [...alarmsOfType(input, report)].flatMap(([id, { input: alarm, report: place }]) =>
    resolveAlarm(id, alarm, fields, place),
  );
}

/** Those of a device: its type's, as it changes them, and its own. `type` is its type as it is written. */
export function ownAlarms(
  device: string,
  own: ConfigInput['devices'][string]['alarms'],
  type: {
    readonly input: TypeInput;
    readonly alarms: readonly AlarmSpec[];
    readonly samples: readonly SampleSpec[];
  },
  problems: Problem[],
): readonly AlarmSpec[] {
  const changes = Object.entries(own);
  if (changes.length === 0) return type.alarms;
  const fields = toldFields(type.samples);
  // What is wrong with those of the type is reported there.
  const bases = alarmsOfType(type.input, () => undefined);
  const alarms = new Map(type.alarms.map((alarm) => [alarm.id, alarm]));
  for (const [id, change] of changes) {
    const report: Report = (path, message) =>
      problems.push({ path: ['devices', device, 'alarms', id, ...path], message });
    const base = bases.get(id)?.input;
    alarms.delete(id);
    if (change === false) {
      if (base === undefined) report([], `is no alarm of the type${listed([...bases.keys()])}`);
      continue;
    }
    for (const alarm of resolveAlarm(id, ownAlarm(base, change), fields, report)) alarms.set(id, alarm);
  }
  return [...alarms.values()];
}

function listed(ids: readonly string[]): string {
  return ids.length === 0 ? '' : `; there are ${ids.slice(0, 10).join(', ')}`;
}

/** None where it has mistakes. */
function resolveAlarm(
  id: string,
  input: AlarmInput,
  fields: ReadonlyMap<string, ToldField>,
  report: Report,
): AlarmSpec[] {
  for (const key of ['message', 'cleared'] as const) {
    const [unknown] = unknownFacts(input[key] ?? '', Object.keys(FACTS));
    if (unknown !== undefined)
      report(
        [key],
        `has {${unknown}}, which is not known; there are ${Object.keys(FACTS)
          .map((name) => `{${name}}`)
          .join(', ')}`,
      );
  }
  const condition = resolveCondition(input, fields, report);
  if (condition === undefined) return [];
  const field = fields.get('field' in condition ? (condition.field ?? '') : '')?.spec;
  const unit = field?.unit ?? '';
  const { severity = 'warning', label } = input;
  return [
    {
      ...{ id, severity, condition },
      forMs: durationMs(input.for ?? '0ms'),
      message: input.message ?? SENTENCES[condition.kind].message,
      cleared: input.cleared ?? SENTENCES[condition.kind].cleared,
      words: { field: field?.label ?? field?.id ?? 'any field', unit, limit: limitText(condition, unit) },
      ...defined({ label }),
    },
  ];
}

function limitText(condition: AlarmCondition, unit: string): string {
  const withUnit = (value: number): string => (unit === '' ? String(value) : `${String(value)} ${unit}`);
  switch (condition.kind) {
    case 'above':
    case 'below':
      return withUnit(condition.limit);
    case 'outside':
      return `${withUnit(condition.low)} to ${withUnit(condition.high)}`;
    case 'is':
      return condition.values.join(', ');
    case 'rate': {
      const sign = { up: '+', down: '-', either: '' }[condition.direction];
      return `${sign}${withUnit(condition.by)} in ${durationText(condition.withinMs)}`;
    }
    case 'stale':
      return durationText(condition.afterMs);
    case 'offline':
      return '';
  }
}

function toldFields(samples: readonly SampleSpec[]): ReadonlyMap<string, ToldField> {
  return new Map(
    samples.flatMap(({ fields, everyMs }) =>
      fields.map((spec): [string, ToldField] => [spec.id, { spec, everyMs }]),
    ),
  );
}

/** A field that is no part of a sample is not read again and again. */
function reportElsewhere({ constants, commands }: TypeInput, report: Report): void {
  const told = (fields: TypeInput['constants'][number]['fields'], place: Report): void => {
    for (const [id, { alarms }] of Object.entries(fields))
      if (alarms !== undefined)
        place(['fields', id, 'alarms'], 'have a meaning only in samples; remove them');
  };
  for (const [index, constant] of constants.entries()) {
    told(constant.fields, below(report, 'constants', index));
    for (const [number, step] of (constant.steps ?? []).entries())
      told(step.fields, below(report, 'constants', index, 'steps', number));
  }
  for (const [id, { fields, steps = [] }] of Object.entries(commands)) {
    told(fields, below(report, 'commands', id));
    for (const [number, step] of steps.entries())
      told(step.fields, below(report, 'commands', id, 'steps', number));
  }
}
