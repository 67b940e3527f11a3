// Names that nobody else has given.

/** Random even where the page is not on a secure origin, which crypto.randomUUID needs. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
