// What is wrong with a payload's shape, in one line: it goes into answers, log lines and onto terminals.
import type { z } from 'zod';

/** A hostile payload must not become a huge reply and a huge line in the log. */
const MAX_LENGTH = 300;

/** `limit: Too big: expected number to be <=10000; device: …` */
export function explain(error: z.ZodError): string {
  const mistakes = error.issues.map(({ path, message }) => {
    const place = path.map(String).join('.');
    return place === '' ? message : `${place}: ${message}`;
  });
  return mistakes.join('; ').slice(0, MAX_LENGTH);
}
