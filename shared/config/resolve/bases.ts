// Types that are made of another: a chip of the library, or another type of the file. What is given beside it goes first.
import type { Problem } from '../problem.js';
import { ID_PATTERN } from '../../topics.js';

/** The chips that come with the program, as their YAML files have them. */
export interface Library {
  readonly names: readonly string[];
  /** Undefined for a chip that is not there. */
  read(name: string): unknown;
}

export const NO_LIBRARY: Library = { names: [], read: () => undefined };

type Described = Readonly<Record<string, unknown>>;

/** Of these what is given is added to what the base has, by id; all other keys take the place of the base's. */
const BY_ID = ['commands', 'parameters', 'alarms'] as const;
/** A kind of a kind of a kind. */
const DEEPEST = 8;

/** The document with every type complete. What is not found is reported, and its type left as it is. */
export function withBases(raw: unknown, library: Library, problems: Problem[]): unknown {
  if (!isDescribed(raw) || !isDescribed(raw['types'])) return raw;
  const { types } = raw;
  const complete = Object.entries(types).map(([id, type]) => {
    const report = (key: string, message: string): void => {
      problems.push({ path: ['types', id, key], message });
    };
    return [id, completed(type, types, library, report, [])] as const;
  });
  return { ...raw, types: Object.fromEntries(complete) };
}

type ReportKey = (key: string, message: string) => void;

function completed(
  type: unknown,
  types: Described,
  library: Library,
  report: ReportKey,
  trail: readonly string[],
): unknown {
  if (!isDescribed(type)) return type;
  const { use, extends: other, ...own } = type;
  if (use === undefined && other === undefined) return type;
  if (use !== undefined && other !== undefined) {
    report('extends', 'goes without use; a chip of the library is complete by itself');
    return own;
  }
  const key = use === undefined ? 'extends' : 'use';
  const name = typeof type[key] === 'string' ? type[key] : '';
  const step = `${key} ${name}`;
  if (trail.includes(step) || trail.length >= DEEPEST) {
    report(key, `leads back to itself: ${[...trail, step].join(', ')}`);
    return own;
  }
  const found =
    use === undefined ? Object.entries(types).find(([id]) => id === name)?.[1] : chip(name, library);
  if (found === undefined) {
    report(
      key,
      use === undefined ? `names ${name}, which types does not describe` : unknownChip(name, library),
    );
    return own;
  }
  const base = completed(found, types, library, report, [...trail, step]);
  return isDescribed(base) ? joined(base, own) : own;
}

function chip(name: string, library: Library): unknown {
  return ID_PATTERN.test(name) ? library.read(name) : undefined;
}

function unknownChip(name: string, { names }: Library): string {
  const near = names.filter((one) => one.includes(name.slice(0, 3).toLowerCase()));
  const known = near.length === 0 ? '' : `; there are ${near.slice(0, 8).join(', ')}`;
  return `names ${name.slice(0, 40)}, which the library does not have${known} (the command types lists all)`;
}

function joined(base: Described, own: Described): Described {
  const added = BY_ID.flatMap((key) => {
    const [one, other] = [base[key], own[key]];
    return isDescribed(one) && isDescribed(other) ? [[key, { ...one, ...other }] as const] : [];
  });
  return { ...base, ...own, ...Object.fromEntries(added) };
}

function isDescribed(value: unknown): value is Described {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
