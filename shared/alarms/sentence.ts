// The sentences of alarms: texts with `{value}` and other facts in them.
import type { ConditionKind } from './spec.js';

/** What can stand in a sentence, with what it is. */
export const FACTS = {
  value: 'the value that raised or ended it, with its unit',
  limit: 'the limit, with its unit',
  field: 'the label of the field, or its id',
  unit: 'the unit',
  label: 'what people call the device',
  device: 'the id of the device',
  alarm: 'the label of the alarm, or its id',
  severity: '`info`, `warning` or `critical`',
  gateway: 'the name of the gateway',
  since: 'since when, ISO 8601',
} as const;
export type Fact = keyof typeof FACTS;

const PLACE = /\{([a-z_]+)\}/g;

/** Names in braces that are none of `known`. */
export function unknownFacts(text: string, known: readonly string[]): readonly string[] {
  return [...text.matchAll(PLACE)].map(([, name = '']) => name).filter((name) => !known.includes(name));
}

/** What is not known stays as it is written. */
export function filled(text: string, factOf: (name: string) => string | undefined): string {
  return text.replaceAll(PLACE, (written, name: string) => factOf(name) ?? written);
}

/** What is said where the description has no sentence of its own. */
export const SENTENCES: Readonly<
  Record<ConditionKind, { readonly message: string; readonly cleared: string }>
> = {
  above: {
    message: '{label}: {field} is {value}, above {limit}.',
    cleared: '{label}: {field} is {value}, no longer above {limit}.',
  },
  below: {
    message: '{label}: {field} is {value}, below {limit}.',
    cleared: '{label}: {field} is {value}, no longer below {limit}.',
  },
  outside: {
    message: '{label}: {field} is {value}, outside of {limit}.',
    cleared: '{label}: {field} is {value}, within {limit} again.',
  },
  is: {
    message: '{label}: {field} is {value}.',
    cleared: '{label}: {field} is {value}, no longer {limit}.',
  },
  rate: {
    message: '{label}: {field} is {value}, a change of more than {limit}.',
    cleared: '{label}: {field} is {value}, and changes by less than {limit} again.',
  },
  stale: {
    message: '{label}: no reading of {field} is believed for {limit}.',
    cleared: '{label}: {field} is read again.',
  },
  offline: { message: '{label} is away.', cleared: '{label} is back.' },
};
