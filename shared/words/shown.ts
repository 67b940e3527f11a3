// Something wrong that somebody wrote, as a sentence names it: short, on one line, and as it was written.

const MOST_CHARS = 40;

/** `"soon"`, `5`, `true`, `nothing`, `a list`, `an object`. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > MOST_CHARS ? `${value.slice(0, MOST_CHARS)}…` : value);
  if (typeof value === 'number' && !Number.isFinite(value)) return 'what is no number';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : 'that';
}
