// A sample is what one read of a device brings: values, and names for what was read and is not believed.

export type Value = number | boolean | string | null;

/**
 * What the clock was worth when the sample was read; absent where it was synchronised. `corrected`: it was not, and
 * `ts` was moved by as much as the clock jumped when it was set.
 */
export const CLOCK_MARKS = ['unsynchronised', 'corrected'] as const;
export type ClockMark = (typeof CLOCK_MARKS)[number];

/** The payload of a telemetry topic. `ts` is epoch ms of the moment the bytes were read. */
export interface Sample {
  readonly ts: number;
  readonly boot: string;
  readonly seq: number;
  readonly values: Readonly<Record<string, Value>>;
  /** Field → code. Ours are ErrorCodes; a client that publishes its own telemetry may use its own names. */
  readonly errors?: Readonly<Record<string, string>>;
  readonly clock?: ClockMark;
}

/** A sample with the place it came from: what stores keep. */
export interface RecordedSample extends Sample {
  readonly gateway: string;
  readonly device: string;
}

/**
 * A sample on its way into the outbox. One that a client published without `boot` and `seq`
 * gets the store's id and the outbox position as its identity when it is accepted.
 */
export interface IncomingSample extends Omit<RecordedSample, 'boot' | 'seq'> {
  readonly identity?: { readonly boot: string; readonly seq: number };
  /** Whose clock gave `ts`, where that is in doubt: when it is set, `ts` is moved with it. */
  readonly run?: string;
}

/** What a sample is called within its gateway. */
export function identityOf(sample: Pick<RecordedSample, 'boot' | 'device' | 'seq'>): string {
  return `${sample.boot}/${sample.device}/${String(sample.seq)}`;
}

/**
 * What tells samples apart in every store, so that a redelivery can do no harm: two gateways may have devices of the
 * same id that count their boots. A plus stands before every digit: in order of these texts, samples are in order of
 * their identities.
 */
export function keyOf(sample: Pick<RecordedSample, 'boot' | 'device' | 'seq' | 'gateway'>): string {
  return `${identityOf(sample)}+${sample.gateway}`;
}

/** The sample with these fields alone; undefined where it has none of them. */
export function onlyFields(sample: RecordedSample, fields: readonly string[]): RecordedSample | undefined {
  const chosen = <T>(all: Readonly<Record<string, T>>): [string, T][] =>
    Object.entries(all).filter(([name]) => fields.includes(name));
  const values = chosen(sample.values);
  if (values.length === 0) return undefined;
  const { errors: all = {}, ...rest } = sample;
  const errors = chosen(all);
  // fromEntries defines own properties, so that `__proto__` is a key like any other.
  return {
    ...rest,
    values: Object.fromEntries(values),
    ...(errors.length === 0 ? {} : { errors: Object.fromEntries(errors) }),
  };
}
