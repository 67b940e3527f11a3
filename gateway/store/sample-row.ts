// A sample as a row: the columns that are asked for, and the rest as JSON text, which no field name can break.
import { GatewayError } from '../../shared/errors.js';
import {
  onlyFields,
  type ClockMark,
  type IncomingSample,
  type RecordedSample,
  type Value,
} from '../../shared/sample.js';
import type { SqlRow } from './sqlite.js';

/** A sample with its identity, as it lies in the outbox and in the local history. */
export interface SampleRow {
  readonly boot: string;
  readonly device: string;
  readonly seq: number;
  /** Epoch ms. */
  readonly ts: number;
  readonly gateway: string;
  /** JSON: `{"values":{…},"errors":{…},"clock":"…"}`. */
  readonly body: string;
}

/** Without `boot` and `seq`: they become the store's id and the outbox position. */
export interface IncomingRow extends Omit<SampleRow, 'boot' | 'seq'> {
  readonly boot: string | null;
  readonly seq: number | null;
}

export interface PositionedRow extends SampleRow {
  readonly position: number;
}

/** A sample as the history keeps it: the names of its fields apart from their values. */
export interface StoredRow extends Omit<SampleRow, 'body'> {
  /** JSON array of names, and the JSON array of their values in the same order. */
  readonly fields: string;
  readonly readings: string;
  /** JSON object; of a marked sample the JSON array `[errors or null, clock]`. */
  readonly errors: string | null;
}

interface Body {
  readonly values: Readonly<Record<string, Value>>;
  readonly errors?: Readonly<Record<string, string>>;
  readonly clock?: ClockMark;
}

export const UNSYNCHRONISED: ClockMark = 'unsynchronised';
export const CORRECTED: ClockMark = 'corrected';

/** How the JSON of a marked sample ends: in the outbox, and in the history's column `errors`. */
export function markedBodyEnd(mark: ClockMark): string {
  return `,"clock":"${mark}"}`;
}

export function markedErrorsEnd(mark: ClockMark): string {
  return `,"${mark}"]`;
}

/** Of a Date: https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LAST_TIME_MS = 8.64e15;

/** Throws bad_payload for an identity or a time that no store could give back as it was. */
export function rowOfIncoming(sample: IncomingSample): IncomingRow {
  const { identity, ts } = sample;
  if (!(Math.abs(ts) <= LAST_TIME_MS)) throw new GatewayError('bad_payload', `ts ${String(ts)} is no time.`);
  // node:sqlite of Node 22 reads a text only up to its first NUL: two identities would become one. And it is what
  // separates the cells of a row on their way to the store's thread.
  for (const text of [identity?.boot ?? '', sample.device, sample.gateway])
    if (text.includes('\0'))
      throw new GatewayError('bad_payload', 'boot, device and gateway must not contain a NUL character.');
  return { ...commonColumns(sample), boot: identity?.boot ?? null, seq: identity?.seq ?? null };
}

export function rowOfRecorded(sample: RecordedSample): SampleRow {
  return { ...commonColumns(sample), boot: sample.boot, seq: sample.seq };
}

function commonColumns(sample: IncomingSample): Omit<SampleRow, 'boot' | 'seq'> {
  const { ts, gateway, device, values, errors, clock } = sample;
  // JSON.stringify leaves out what is undefined. `clock` stays last: see markedBodyEnd.
  return { ts, gateway, device, body: JSON.stringify({ values, errors, clock }) };
}

export function sampleOfRow(row: SampleRow): RecordedSample {
  const { ts, boot, seq, gateway, device } = row;
  // Written by `commonColumns` only. JSON.parse makes `__proto__` an own property, and nothing here copies keys.
  return { ts, boot, seq, gateway, device, ...(JSON.parse(row.body) as Body) };
}

/** A body as the history keeps it. Key order is kept: it is the order of `fields`. */
export function splitBody(body: string): Pick<StoredRow, 'fields' | 'readings' | 'errors'> {
  const { values, errors, clock } = JSON.parse(body) as Body;
  const plain = errors === undefined ? null : JSON.stringify(errors);
  return {
    fields: JSON.stringify(Object.keys(values)),
    readings: JSON.stringify(Object.values(values)),
    errors: clock === undefined ? plain : `[${String(plain)}${markedErrorsEnd(clock)}`,
  };
}

export function sampleOfStored(row: StoredRow): RecordedSample {
  const { ts, boot, seq, gateway, device } = row;
  // Written by `splitBody` only. fromEntries defines own properties, so that `__proto__` is a key like any other.
  const fields = JSON.parse(row.fields) as readonly string[];
  const readings = JSON.parse(row.readings) as readonly Value[];
  const values = Object.fromEntries(fields.map((field, index) => [field, readings[index] ?? null]));
  return { ts, boot, seq, gateway, device, values, ...(row.errors === null ? {} : errorsOf(row.errors)) };
}

function errorsOf(text: string): Pick<RecordedSample, 'errors' | 'clock'> {
  const kept = JSON.parse(text) as Record<string, string> | [Record<string, string> | null, ClockMark];
  if (!Array.isArray(kept)) return { errors: kept };
  const [errors, clock] = kept;
  return { ...(errors === null ? {} : { errors }), clock };
}

/** With these fields alone, where they were asked for. */
export function chosen(
  samples: readonly RecordedSample[],
  fields: readonly string[] | undefined,
): readonly RecordedSample[] {
  return fields === undefined ? samples : samples.flatMap((sample) => onlyFields(sample, fields) ?? []);
}

/** The row SQLite gave for the columns of history-queries.ts. */
export function readStoredRow(row: SqlRow, device: string): StoredRow {
  const errors = row['errors'];
  return {
    boot: String(row['boot']),
    device,
    seq: Number(row['seq']),
    ts: Number(row['ts']),
    gateway: String(row['gateway']),
    fields: String(row['fields']),
    readings: String(row['readings']),
    errors: typeof errors === 'string' ? errors : null,
  };
}

/** The row SQLite gave for the columns boot, device, seq, ts, gateway, body. */
export function readSampleRow(row: SqlRow): SampleRow {
  return {
    boot: String(row['boot']),
    device: String(row['device']),
    seq: Number(row['seq']),
    ts: Number(row['ts']),
    gateway: String(row['gateway']),
    body: String(row['body']),
  };
}
