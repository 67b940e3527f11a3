// What is wrong with a payload's shape, in one line: it goes into answers, log lines and onto terminals.
import type { z } from 'zod';
import type { Problem } from '../../shared/config/problem.js';
import { GatewayError } from '../../shared/errors.js';
import { fit, pathText } from '../../shared/config/fit.js';

/** A hostile payload must not become a huge reply and a huge line in the log. */
const MAX_LENGTH = 300;

/** What the schema makes of it. Throws bad_payload: `Expected {"id"}: limit: must be at most 10000, not 99999`. */
export function payloadOf<T>(schema: z.ZodType<T>, data: unknown, form?: string): T {
  const parsed = fit(schema, data);
  if (parsed.success) return parsed.data;
  const why = explain(parsed.problems);
  throw new GatewayError('bad_payload', form === undefined ? why : `Expected ${form}: ${why}`);
}

/** `limit: must be at most 10000, not 99999; device: is missing` */
export function explain(problems: readonly Problem[]): string {
  const mistakes = problems.map(({ path, message }) => {
    const place = pathText(path);
    return place === '' ? message : `${place}: ${message}`;
  });
  return mistakes.join('; ').slice(0, MAX_LENGTH);
}
