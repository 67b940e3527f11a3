// What an alarm says: its retained message, and the news when something has changed.
import { filled, type Fact } from '../../shared/alarms/sentence.js';
import type { AlarmOccasion, AlarmSpec } from '../../shared/alarms/spec.js';
import { defined } from '../../shared/config/defined.js';
import type { AlarmMessage } from '../../shared/messages.js';
import type { Value } from '../../shared/sample.js';
import type { Alarm } from './alarm.js';

/** Whose alarm it is. */
export interface AlarmPlace {
  readonly gateway: string;
  readonly device: string;
  /** What people call the device. */
  readonly label: string;
}

/** That an alarm was raised, is over, or was acknowledged. */
export interface AlarmNews {
  readonly what: AlarmOccasion;
  readonly ts: number;
  readonly device: string;
  readonly alarm: string;
  readonly severity: AlarmSpec['severity'];
  readonly message: string;
  readonly value: Value;
  /** Since when it is or was raised, epoch ms. */
  readonly since: number;
  readonly by?: string;
  readonly note?: string;
  /** What can stand in a text, as words. */
  readonly facts: Readonly<Record<Fact, string>>;
}

/** A number without the digits that only its binary form has. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(10)));
}

function valueText(value: Value, unit: string): string {
  if (value === null) return '';
  const text = typeof value === 'number' ? numberText(value) : String(value);
  return unit === '' ? text : `${text} ${unit}`;
}

export function factsOf(
  { id, label, severity, words }: AlarmSpec,
  place: AlarmPlace,
  value: Value,
  since: number,
): Readonly<Record<Fact, string>> {
  const { field, unit, limit } = words;
  return {
    ...{ field, unit, limit, severity, gateway: place.gateway, label: place.label, device: place.device },
    value: valueText(value, unit),
    alarm: label ?? id,
    since: new Date(since).toISOString(),
  };
}

export function sentenceOf(template: string, facts: Readonly<Record<string, string>>): string {
  return filled(template, (name) => facts[name]);
}

/** The payload of its topic. */
export function messageOf(alarm: Alarm, place: AlarmPlace): AlarmMessage {
  const { spec, raised, since } = alarm;
  const { id, label = id, severity, condition, words } = spec;
  const common = {
    ...{ since, severity, kind: condition.kind, label },
    ...('field' in condition ? defined({ field: condition.field }) : {}),
    ...(words.limit === '' ? {} : { limit: words.limit }),
  };
  if (raised === undefined) return { state: 'clear', ...common };
  const { value, acknowledged } = raised;
  return {
    state: 'raised',
    ...common,
    ...(value === null ? {} : { value }),
    message: sentenceOf(spec.message, factsOf(spec, place, value, since)),
    ...defined({ acknowledged }),
  };
}
