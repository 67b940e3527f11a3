// Data against a schema: the one place where zod is asked, so that nobody ever reads zod's own sentences.
import type { z } from 'zod';
import type { ConfigPath, Problem } from './problem.js';
import { issueWords } from '../words/issues.js';

type Issue = z.core.$ZodIssue;

export type Fit<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly problems: readonly Problem[]; readonly issues: readonly Issue[] };

/** What the schema makes of it, or every mistake: where it is, what it should be, and often what was meant. */
export function fit<T>(schema: z.ZodType<T>, data: unknown): Fit<T> {
  const parsed = schema.safeParse(data, { error: issueWords });
  if (parsed.success) return { success: true, data: parsed.data };
  const { issues } = parsed.error;
  return { success: false, problems: issues.flatMap(problemsOf), issues };
}

function problemsOf(issue: Issue): Problem[] {
  const path = plainPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ path: [...path, key], message: lines[index] ?? '' }));
  }
  if (issue.code === 'invalid_union') return closestBranch(issue, path);
  return [{ path, message: issue.message }];
}

/** Of a union's branches, the one with the fewest mistakes is the one that was meant. */
function closestBranch(issue: z.core.$ZodIssueInvalidUnion, path: ConfigPath): Problem[] {
  const meant = issue.errors
    .filter((branch) => branch.length > 0)
    .toSorted((a, b) => a.length - b.length || depth(b) - depth(a))[0]?.[0];
  if (meant === undefined || (meant.path.length === 0 && meant.code !== 'unrecognized_keys'))
    return [{ path, message: issue.message }];
  return problemsOf(meant).map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}

function depth(issues: readonly Issue[]): number {
  return Math.max(...issues.map((issue) => issue.path.length));
}

export function plainPath(path: readonly PropertyKey[]): ConfigPath {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

/** `types.tank.samples[0].read`; empty for the whole. */
export function pathText(path: ConfigPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${String(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
