// Seconds since 1970 as the text of a date and time, as a clock shows them: without a time zone, which no clock chip knows.

/** `2026-11-27T17:59:37`; an error for what no calendar has. */
export function dateTime(seconds: number): string | { readonly error: 'not_a_number' } {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? { error: 'not_a_number' } : date.toISOString().slice(0, 19);
}
