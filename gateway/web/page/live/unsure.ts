// What comes over MQTT may be anything, whoever published it: keys are those of our own messages, values are looked at first.

/** A message as it may be: its keys are held to the type of the message, its values to nothing. */
export type Unsure<T extends object> = Readonly<Partial<Record<keyof T, unknown>>>;

const decoder = new TextDecoder();

/** A payload's JSON object; undefined where it is anything else. */
export function objectIn<T extends object>(payload: Uint8Array): Unsure<T> | undefined {
  try {
    return objectOf<T>(JSON.parse(decoder.decode(payload)));
  } catch {
    // No JSON: nothing of ours.
    return undefined;
  }
}

export function objectOf<T extends object>(value: unknown): Unsure<T> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return value as Unsure<T>;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The entries of what should be an object of objects. */
export function entriesOf<T extends object>(value: unknown): (readonly [name: string, inner: Unsure<T>])[] {
  return Object.entries(objectOf<Record<string, unknown>>(value) ?? {}).flatMap(([name, inner]) => {
    const object = objectOf<T>(inner);
    return object === undefined ? [] : [[name, object] as const];
  });
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Without what is undefined. */
export function present<T extends object>(given: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const there = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
