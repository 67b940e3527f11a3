// A sample as MongoDB's document and back: `{_id: '<boot>/<device>/<seq>', ts, gateway, device, values, errors?, clock?}`.
import { identityOf, type ClockMark, type RecordedSample, type Value } from '../../../shared/sample.js';

/** The identity as `_id` is what makes sending a batch again harmless: a second one is a duplicate, and refused. */
export interface SampleDocument {
  readonly _id: string;
  readonly ts: Date;
  readonly gateway: string;
  readonly device: string;
  readonly values: Readonly<Record<string, Value>>;
  readonly errors?: Readonly<Record<string, string>>;
  readonly clock?: ClockMark;
}

export function documentOf(sample: RecordedSample): SampleDocument {
  const { ts, gateway, device, values, errors, clock } = sample;
  return {
    _id: identityOf(sample),
    ts: new Date(ts),
    gateway,
    device,
    values: mapKeys(values, escapeKey),
    ...(errors === undefined ? {} : { errors: mapKeys(errors, escapeKey) }),
    ...(clock === undefined ? {} : { clock }),
  };
}

/**
 * The same under a name of its own, for where another gateway's sample has the plain one. Only there: what was stored
 * before that was looked at keeps its `_id`, and so is known when it comes again.
 */
export function documentOfAnother(document: SampleDocument): SampleDocument {
  return { ...document, _id: keyOfDocument(document) };
}

/** `keyOf` its sample. */
export function keyOfDocument({ _id, gateway }: Pick<SampleDocument, '_id' | 'gateway'>): string {
  return ENDS_WITH_GATEWAY.test(_id) ? _id : `${_id}+${gateway}`;
}

/** A plain one ends with digits behind a slash. */
const ENDS_WITH_GATEWAY = /\/\d+\+[^/]*$/;

/** Somebody may have put anything beside them; what is no sample is left out of answers. */
export function isSampleDocument(document: SampleDocument): boolean {
  const { _id, ts, device, values }: Record<keyof SampleDocument, unknown> = {
    errors: 0,
    clock: 0,
    ...document,
  };
  if (typeof _id !== 'string' || typeof device !== 'string' || !(ts instanceof Date)) return false;
  return typeof values === 'object' && values !== null && /\/\d+(?:\+[^/]*)?$/.test(_id);
}

export function sampleOfDocument(document: SampleDocument): RecordedSample {
  const { _id, ts, gateway, device, values, errors, clock } = document;
  return {
    ts: ts.getTime(),
    boot: bootOfDocument(document),
    seq: Number.parseInt(_id.slice(_id.lastIndexOf('/') + 1), 10),
    gateway,
    device,
    values: mapKeys(values, unescapeKey),
    ...(errors === undefined ? {} : { errors: mapKeys(errors, unescapeKey) }),
    ...(clock === undefined ? {} : { clock }),
  };
}

/** From the right: a foreign boot may hold slashes, a device and a number can't. */
export function bootOfDocument({ _id, device }: Pick<SampleDocument, '_id' | 'device'>): string {
  return _id.slice(0, _id.lastIndexOf('/') - device.length - 1);
}

/**
 * MongoDB 4.4 refuses a key that begins with `$`, reads a dot as a path in every query, and BSON ends a key at NUL:
 * https://www.mongodb.com/docs/manual/core/dot-dollar-considerations/ . So these are written as in a URL.
 */
export function escapeKey(key: string): string {
  return key.replace(
    /[%$.\0]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function unescapeKey(key: string): string {
  return key.replace(/%(25|24|2E|00)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** fromEntries defines own properties, so that `__proto__` is a key like any other. */
function mapKeys<T>(object: Readonly<Record<string, T>>, change: (key: string) => string): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [change(key), value]));
}
