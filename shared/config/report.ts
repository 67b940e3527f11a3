// How a part of a description reports its mistakes: with the path from where that part begins.
import type { ConfigPath } from './problem.js';

export type Report = (path: ConfigPath, message: string) => void;

/** A report for what lies below `path`. */
export function below(report: Report, ...path: ConfigPath): Report {
  return (rest, message) => {
    report([...path, ...rest], message);
  };
}
