// What goes into a log line is bounded and carries no secret, whoever logs what: a megabyte of payload, a driver's
// error with the connection string in it, an object that holds itself.

const MAX_TEXT_CHARS = 2_000;
/** All texts of one line together. */
const MAX_LINE_TEXT_CHARS = 16_000;
const MAX_BYTES_SHOWN = 64;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;
/** Values in one line, all levels together: depth and items alone would still allow 50^6. */
const MAX_VALUES = 500;
/** A URI's user part is looked for in this many characters, so that a hostile text costs no quadratic search. */
const CREDENTIALS = /:\/\/[^\s"]{0,500}@/g;
const SECRET_KEY = /passw|secret|token|credential|authorization|passphrase|private_?key|api_?key/i;
const LINE_KEYS: ReadonlySet<string> = new Set(['level', 'time', 'msg']);
const HIDDEN = '[hidden]';

/** A text without the user and password of any URI in it, cut to 2,000 characters. */
export function cleanText(text: string, maxChars = MAX_TEXT_CHARS): string {
  // Cut before the search to bound it, but later than the limit, so that no URI loses its @ to the cut.
  const hidden = text.slice(0, maxChars + 1_000).replace(CREDENTIALS, `://${HIDDEN}@`);
  if (text.length <= maxChars) return hidden;
  return `${hidden.slice(0, maxChars)}… (${String(text.length)} characters)`;
}

/**
 * A copy that JSON can hold: secrets hidden, texts, lists, depth and number of values bounded, errors with their
 * causes. A key that the line has of its own gets an underscore (a tank's `level` is not the line's).
 */
export function cleanFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const cleaned = Object.entries(new Cleaner().record(fields, 0));
  return Object.fromEntries(cleaned.map(([key, value]) => [LINE_KEYS.has(key) ? `${key}_` : key, value]));
}

class Cleaner {
  #left = MAX_VALUES;
  #charsLeft = MAX_LINE_TEXT_CHARS;

  record(object: object, depth: number): Record<string, unknown> {
    const entries = Object.entries(object);
    const kept = entries
      .slice(0, MAX_ITEMS)
      .map(([key, value]) => [
        this.#text(key),
        SECRET_KEY.test(key) ? HIDDEN : this.#value(value, depth + 1),
      ]);
    if (entries.length > MAX_ITEMS) kept.push(['…', `${String(entries.length - MAX_ITEMS)} more`]);
    return Object.fromEntries(kept) as Record<string, unknown>;
  }

  #value(value: unknown, depth: number): unknown {
    this.#left -= 1;
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH || this.#left < 0) return '[…]';
    return this.#object(value, depth);
  }

  #object(value: object, depth: number): unknown {
    if (value instanceof Error) return this.#error(value, depth);
    if (value instanceof Uint8Array) return bytes(value);
    if (value instanceof URL) return this.#text(value.href);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
    if (value instanceof Map) return this.record(Object.fromEntries(value) as object, depth);
    if (value instanceof Set) return this.#list([...(value as Set<unknown>)], depth);
    if (Array.isArray(value)) return this.#list(value, depth);
    return this.record(value, depth);
  }

  #text(text: string): string {
    const cleaned = cleanText(text, Math.min(MAX_TEXT_CHARS, this.#charsLeft));
    this.#charsLeft = Math.max(0, this.#charsLeft - cleaned.length);
    return cleaned;
  }

  #list(items: readonly unknown[], depth: number): unknown[] {
    const kept = items.slice(0, MAX_ITEMS).map((item) => this.#value(item, depth + 1));
    if (items.length > MAX_ITEMS) kept.push(`… ${String(items.length - MAX_ITEMS)} more`);
    return kept;
  }

  /**
   * pino's own serializer joins the messages of the causes but leaves out their codes, which are what people search
   * for (ECONNREFUSED, no_ack): so the chain is kept as objects, each with its own code and stack.
   */
  #error(error: Error, depth: number): Record<string, unknown> {
    const { name, message, stack, cause } = error;
    return {
      ...this.record(error, depth),
      name,
      message: this.#text(message),
      ...(stack === undefined ? {} : { stack: this.#text(stack) }),
      ...(cause === undefined ? {} : { cause: this.#value(cause, depth + 1) }),
      ...(error instanceof AggregateError ? { errors: this.#list(error.errors, depth) } : {}),
    };
  }
}

function bytes(value: Uint8Array): string {
  const hex = Buffer.from(value.subarray(0, MAX_BYTES_SHOWN)).toString('hex');
  return value.length <= MAX_BYTES_SHOWN ? hex : `${hex}… (${String(value.length)} bytes)`;
}
