// What of a file is still sound beside what the schema found, and what the schema does not see.
import type { z } from 'zod';
import { plainPath } from '../fit.js';
import type { ConfigPath, Problem } from '../problem.js';

type Issue = z.core.$ZodIssue;

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
