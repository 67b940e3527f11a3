// What the schema found, as problems with places and words; and what of the file is still sound beside it.
import type { z } from 'zod';
import type { ConfigPath, Problem } from '../problem.js';

type Issue = z.core.$ZodIssue;

/** The problems of one issue of the schema. */
export function problemsOf(issue: Issue): Problem[] {
  const path = plainPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'is not a known key; remove it or correct its spelling',
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, message: issue.issues.map((inner) => inner.message).join('; ') }];
  }
  if (issue.code === 'invalid_union') return [closestBranch(issue, path)];
  return [{ path, message: wordsOf(issue, path) }];
}

/** Of a union's branches, the one with the fewest mistakes is the one that was meant. */
function closestBranch(issue: z.core.$ZodIssueInvalidUnion, path: ConfigPath): Problem {
  const meant = issue.errors
    .filter((branch) => branch.length > 0)
    .toSorted((a, b) => a.length - b.length || depth(b) - depth(a))[0]?.[0];
  if (meant === undefined || meant.path.length === 0) return { path, message: issue.message };
  const place = [...path, ...plainPath(meant.path)];
  return { path: place, message: wordsOf(meant, place) };
}

/** zod's sentence as a person would say it who has no schema before them. */
function wordsOf({ code, message }: Issue, path: ConfigPath): string {
  if (code !== 'invalid_type') return message;
  if (path.length === 0) return 'must be a list of settings with gateway, buses, types and devices';
  if (message.endsWith('received undefined')) return 'is missing';
  const words = message.replace('Invalid input: ', '').replace('expected record', 'expected object');
  return /^expected string, received (number|boolean|null)$/.test(words) ? `${words}: quote it` : words;
}

function depth(issues: readonly Issue[]): number {
  return Math.max(...issues.map((issue) => issue.path.length));
}

function plainPath(path: readonly PropertyKey[]): ConfigPath {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

/** The ids in a section (types, buses) in which a problem lies. */
export function brokenIds(problems: readonly Problem[], section: string): ReadonlySet<string> {
  return new Set(
    problems.flatMap(({ path: [head, id] }) => (head === section && id !== undefined ? [String(id)] : [])),
  );
}

/** A copy of the file without the entries (a type, a device, a bus, a setting) in which the schema found a mistake. */
export function withoutBroken(raw: unknown, issues: readonly Issue[]): unknown {
  const copy: unknown = structuredClone(raw);
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) removeAt(copy, [...plainPath(issue.path), key]);
    } else {
      removeAt(copy, plainPath(issue.path).slice(0, 2));
    }
  }
  return copy;
}

function removeAt(tree: unknown, path: ConfigPath): void {
  const last = path.at(-1);
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((node, step) => (isRecord(node) ? node[String(step)] : undefined), tree);
  if (last !== undefined && isRecord(parent)) Reflect.deleteProperty(parent, String(last));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** zod passes over own keys named `__proto__` without a word; here they are mistakes like any unknown key. */
export function prototypeKeys(node: unknown, path: ConfigPath = []): Problem[] {
  if (!isRecord(node)) return [];
  return Object.entries(node).flatMap(([key, child]) => {
    const here = [...path, key];
    return key === '__proto__'
      ? [{ path: here, message: 'can’t be an id; choose another' }]
      : prototypeKeys(child, here);
  });
}
