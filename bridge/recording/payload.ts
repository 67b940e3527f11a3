// A telemetry payload → a sample. Whoever sent it: the gateway itself or any client with sensors of its own.
import { z } from 'zod';
import { CLOCK_MARKS, type ClockMark, type IncomingSample, type Value } from '../../shared/sample.js';
import { momentOf } from '../payload/asked-range.js';
import { payloadOf } from '../payload/explain.js';
import { NO_NUMBER, parseSparingNumbers } from '../payload/payload.js';

const MAX_FIELDS = 256;
/** Half a character stays itself in a JSON text, and is U+FFFD, like every other half, in UTF-8 and in a store. */
const HALF_A_CHARACTER = /\p{Surrogate}/u;
const isWhole = (text: string): boolean => !HALF_A_CHARACTER.test(text);
const fieldName = z.string().min(1).max(64);
const noNumber = z.custom<typeof NO_NUMBER>((data) => data === NO_NUMBER);
const value = z.union([z.number(), z.boolean(), z.string().max(1024), z.null(), noNumber]);

/** Said here in words: of a key z.record says only that it is invalid, and `__proto__` it passes over. */
const byField = z
  .any()
  .refine((data) => !namesOf(data).includes('__proto__'), 'a field cannot be called __proto__')
  .refine((data) => namesOf(data).every(isWhole), 'a name of a field has half a character in it');

function namesOf(data: unknown): readonly string[] {
  return typeof data === 'object' && data !== null ? Object.keys(data) : [];
}

/** Unknown keys are dropped, not refused: what a client adds for itself must not cost its sample. */
export const sentTelemetry = z.object({
  ts: z.union([z.number().min(0), z.string().max(64)]).optional(),
  boot: z
    .string()
    .refine(isWhole, 'has half a character in it (a lone surrogate)')
    .min(1)
    .max(64)
    // A NUL is where SQLite stops to read.
    .regex(/^[^/\0]+$/, 'must be without / and NUL')
    .optional(),
  seq: z.int().min(0).optional(),
  values: byField.pipe(
    z
      .record(fieldName, value)
      .refine((values) => Object.keys(values).length <= MAX_FIELDS, 'too many fields'),
  ),
  errors: byField.pipe(z.record(fieldName, z.string().max(64))).optional(),
  clock: z.enum(CLOCK_MARKS).optional(),
});

/** As it was sent: its time may be missing, and is not judged yet. */
export type SentSample = Omit<IncomingSample, 'ts' | 'run'> & Partial<Pick<IncomingSample, 'ts'>>;

/** Throws GatewayError: too_large, bad_json, bad_payload. `now`: epoch ms, near which every number is a time. */
export function parseTelemetry(
  payload: Uint8Array,
  gateway: string,
  device: string,
  now: number,
): SentSample {
  const sent = payloadOf(sentTelemetry, parseSparingNumbers(payload), '{"ts","boot","seq","values":{…}}');
  const { ts, boot, seq, values, errors, clock } = sent;
  return {
    gateway,
    device,
    ...(ts === undefined ? {} : { ts: sentTime(ts, clock, now) }),
    ...believed(values, errors),
    ...(clock === undefined ? {} : { clock }),
    ...(boot === undefined || seq === undefined ? {} : { identity: { boot, seq } }),
  };
}

/** A clock that its sender does not believe itself counts from anywhere. */
function sentTime(ts: number | string, clock: ClockMark | undefined, now: number): number {
  return typeof ts === 'number' && clock === 'unsynchronised' ? ts : momentOf('ts', ts, now);
}

/** What is no number is null and named, as of the gateway's own devices; all else of the sample is kept. */
function believed(
  values: z.output<typeof sentTelemetry>['values'],
  errors: Readonly<Record<string, string>> = {},
): Pick<IncomingSample, 'values' | 'errors'> {
  const named = Object.entries(values).flatMap(([field, value]): [string, string][] =>
    value === NO_NUMBER ? [[field, 'not_a_number']] : [],
  );
  const all = Object.fromEntries([...named, ...Object.entries(errors)]);
  const kept = Object.entries(values).map(([field, value]): [string, Value] => [
    field,
    value === NO_NUMBER ? null : value,
  ]);
  return { values: Object.fromEntries(kept), ...(Object.keys(all).length === 0 ? {} : { errors: all }) };
}
