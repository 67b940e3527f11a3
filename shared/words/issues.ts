// What zod found, as a person would say it who has no schema before them: what it should be, and what was written.
import type { z } from 'zod';
import { meantNumber, meantOrKnown, meantSwitch, unknownWord } from './meant.js';
import { shown } from './shown.js';

type Issue = z.core.$ZodRawIssue;

/** Of what says nothing of its own. */
export const NOT_HERE = 'is not what belongs here';

/** In place of zod's own sentence. Of keys that are not known, a line for each. */
export function issueWords(issue: Issue): string {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return ofType(issue.expected, input);
    case 'invalid_value':
      return ofValues(issue.values.map(String), input);
    case 'too_small':
      return beyond(issue.origin, issue.minimum, input, issue.inclusive === false ? 'above' : 'at least');
    case 'too_big':
      return beyond(issue.origin, issue.maximum, input, issue.inclusive === false ? 'below' : 'at most');
    case 'invalid_format':
      return ofFormat(issue.format, input);
    case 'not_multiple_of':
      return `must be a multiple of ${String(issue.divisor)}, not ${shown(input)}`;
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, keysOf(issue.inst))).join('\n');
    case 'invalid_union':
      return ofUnion(issue, input);
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join('; ');
    case 'invalid_element':
    case 'custom':
      return NOT_HERE;
  }
}

const NAMES: Readonly<Record<string, string>> = {
  ...{ string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false' },
  ...{ array: 'a list', tuple: 'a list', object: 'an object with keys', record: 'an object with keys' },
  null: 'null',
};

function nameOf(expected: string): string {
  return NAMES[expected] ?? `a ${expected}`;
}

function ofType(expected: string, input: unknown): string {
  if (input === undefined) return 'is missing';
  const must = `must be ${nameOf(expected)}`;
  if (input === null) return `${must}, and is empty (null)`;
  if (typeof input === 'number' && !Number.isFinite(input)) return `${must}, and is no number`;
  return `${must}${help(expected, input) ?? `, not ${shown(input)}`}`;
}

/** What to write in its place, where that is plain. */
function help(expected: string, input: unknown): string | undefined {
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean'))
    return `, not the ${typeof input === 'number' ? 'number' : 'word'} ${shown(input)}: quote it`;
  if ((expected === 'number' || expected === 'int') && typeof input === 'string') {
    const meant = meantNumber(input);
    if (meant === undefined) return undefined;
    return `: write ${meant}, ${input.includes(',') ? 'with a point' : 'without quotes'}, not ${shown(input)}`;
  }
  if (expected === 'boolean') {
    const meant = meantSwitch(input);
    return meant === undefined ? undefined : `: write ${String(meant)}, not ${shown(input)}`;
  }
  if ((expected === 'array' || expected === 'tuple') && typeof input === 'number')
    return `: put it in brackets, [${String(input)}]`;
  return undefined;
}

function ofValues(known: readonly string[], input: unknown): string {
  if (input === undefined) return 'is missing';
  const [only] = known;
  if (known.length === 1 && only !== undefined) return `must be ${only}, not ${shown(input)}`;
  if (typeof input === 'string') return unknownWord(input, known);
  return `must be one of ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}, not ${shown(input)}`;
}

function beyond(origin: string, limit: number | bigint, input: unknown, how: string): string {
  const most = String(limit);
  if (origin === 'string') {
    if (how === 'at least' && most === '1') return 'must not be empty';
    return `must have ${how} ${most} characters`;
  }
  if (origin === 'array') {
    const has = Array.isArray(input) ? `, and has ${String(input.length)}` : '';
    return `must have ${how} ${most} ${most === '1' ? 'entry' : 'entries'}${has}`;
  }
  // z.int() says this of what no computer counts to.
  const plain = most === String(Number.MAX_SAFE_INTEGER) || most === String(Number.MIN_SAFE_INTEGER);
  return plain ? `must be a number that is not as large` : `must be ${how} ${most}, not ${shown(input)}`;
}

function ofFormat(format: string, input: unknown): string {
  if (format === 'url') return `must be an address such as https://panel.example, not ${shown(input)}`;
  if (format === 'datetime') return `must be a moment such as 2026-11-22T23:14:05Z, not ${shown(input)}`;
  return `${shown(input)} has not the form that belongs here`;
}

function unknownKey(key: string, known: readonly string[]): string {
  if (known.length === 0) return 'is not a known key; remove it or correct its spelling';
  return `is not a known key; ${meantOrKnown(key, known)}`;
}

/** As `help` says it. */
const HELPED = /^must be .*: (?:write|put) /;

/** What an object may have. */
function keysOf(schema: unknown): readonly string[] {
  const def = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def;
  return Object.keys(def?.shape ?? {});
}

/** Where it is none of several: the words of the one that is meant by its kind, or all kinds that there are. */
function ofUnion(issue: Extract<Issue, { code: 'invalid_union' }>, input: unknown): string {
  const { options, discriminator } = issue as { options?: readonly unknown[]; discriminator?: string };
  if (options !== undefined && discriminator !== undefined)
    return ofValues(options.map(String), (input as Record<string, unknown>)[discriminator]);
  if (input === undefined) return 'is missing';
  const atRoot = issue.errors.flatMap(([first]) =>
    first === undefined || first.path.length > 0 || first.message === NOT_HERE ? [] : [first],
  );
  const helped = atRoot.find(({ message }) => HELPED.test(message));
  if (helped !== undefined) return helped.message;
  const own = atRoot.find((one) => one.code !== 'invalid_type' && one.code !== 'invalid_value');
  if (own !== undefined) return own.message;
  const kinds = atRoot.flatMap((one) => {
    if (one.code === 'invalid_type') return [nameOf(one.expected)];
    return one.code === 'invalid_value' ? one.values.map(String) : [];
  });
  const said = atRoot.find((one) => !one.message.startsWith('must be'));
  if (said !== undefined) return said.message;
  return kinds.length === 0 ? NOT_HERE : `must be ${[...new Set(kinds)].join(', or ')}, not ${shown(input)}`;
}
