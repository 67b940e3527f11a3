// A sample as MongoDB's document and back: `{_id: '<boot>/<device>/<seq>', ts, gateway, device, values, errors?, clock?}`.
import { identityOf, type ClockMark, type RecordedSample, type Value } from '../../shared/sample.js';

/** The identity as `_id` is what makes sending a batch again harmless (DESIGN §7). */
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

export function sampleOfDocument(document: SampleDocument): RecordedSample {
  const { _id, ts, gateway, device, values, errors, clock } = document;
  // From the right: a foreign boot may hold slashes, a device and a number can't.
  const seqAt = _id.lastIndexOf('/') + 1;
  return {
    ts: ts.getTime(),
    boot: _id.slice(0, seqAt - device.length - 2),
    seq: Number(_id.slice(seqAt)),
    gateway,
    device,
    values: mapKeys(values, unescapeKey),
    ...(errors === undefined ? {} : { errors: mapKeys(errors, unescapeKey) }),
    ...(clock === undefined ? {} : { clock }),
  };
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
