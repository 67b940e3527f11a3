// How a part of a description reports its mistakes: with the path from where that part begins.
import type { ConfigPath } from './problem.js';

export type Report = (path: ConfigPath, message: string) => void;

/** A report for what lies below `path`. */
export function below(report: Report, ...path: ConfigPath): Report {
  return (rest, message) => {
    report([...path, ...rest], message);
  };
}

/** Keys that are the same number: `1` and `'01'`. */
export function reportTwins(input: Readonly<Record<string, unknown>>, report: Report): void {
  const seen = new Set<number>();
  for (const key of Object.keys(input)) {
    if (seen.has(Number(key))) report([key], `is ${String(Number(key))}, which another line has already`);
    seen.add(Number(key));
  }
}
