// A sample as a row: the columns that are asked for, and the rest as JSON text, which no field name can break.
import { GatewayError } from '../../../shared/errors.js';
import {
  onlyFields,
  type ClockMark,
  type IncomingSample,
  type RecordedSample,
  type Value,
} from '../../../shared/sample.js';
import type { SqlRow } from '../sqlite/engine.js';

/** A sample with its identity, as it lies in the outbox and in the local history. */
export interface SampleRow {
  readonly boot: string;
  readonly device: string;
  readonly seq: number;
  /** Epoch ms. */
  readonly ts: number;
  readonly gateway: string;
  /** JSON: `{"values":{…},"errors":{…}}`; of version 3 and before, of a marked sample, with `"clock":"…"` in it. */
  readonly body: string;
  /** Of a marked sample alone, as is `run`: the mark, and whose clock gave the time, where that may still be moved. */
  readonly clock?: ClockMark;
  readonly run?: string;
}

/** Without `boot` and `seq`: they become the store's id and the outbox position. */
export interface IncomingRow extends Omit<SampleRow, 'boot' | 'seq'> {
  readonly boot: string | null;
  readonly seq: number | null;
}

export interface PositionedRow extends SampleRow {
  readonly position: number;
  readonly cutBehind?: true;
}

/** A sample as the history keeps it: the names of its fields apart from their values. */
export interface StoredRow extends Omit<SampleRow, 'body'> {
  /** JSON array of names, and the JSON array of their values in the same order. */
  readonly fields: string;
  readonly readings: string;
  /** JSON object; of version 3 and before, of a marked sample, the JSON array `[errors or null, clock]`. */
  readonly errors: string | null;
}

interface Body {
  readonly values: Readonly<Record<string, Value>>;
  readonly errors?: Readonly<Record<string, string>>;
  readonly clock?: ClockMark;
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
  const { gateway, device, clock, run } = sample;
  const row = {
    boot: identity?.boot ?? null,
    device,
    seq: identity?.seq ?? null,
    ts,
    gateway,
    body: bodyOf(sample),
  };
  if (clock === undefined) return row;
  return run === undefined ? { ...row, clock } : { ...row, clock, run };
}

export function rowOfRecorded(sample: RecordedSample): SampleRow {
  const { boot, device, seq, ts, gateway, clock } = sample;
  const row = { boot, device, seq, ts, gateway, body: bodyOf(sample) };
  return clock === undefined ? row : { ...row, clock };
}

export function bodyOf({ values, errors }: Pick<IncomingSample, 'values' | 'errors'>): string {
  // JSON.stringify leaves out what is undefined.
  return JSON.stringify({ values, errors });
}

export function sampleOfRow(row: SampleRow): RecordedSample {
  const { ts, boot, seq, gateway, device, clock } = row;
  // Written by `bodyOf` only. JSON.parse makes `__proto__` an own property, and nothing here copies keys.
  const sample = { ts, boot, seq, gateway, device, ...(JSON.parse(row.body) as Body) };
  return clock === undefined ? sample : { ...sample, clock };
}

/** A body as the history keeps it. Key order is kept: it is the order of `fields`. */
export function splitBody(body: string): Pick<StoredRow, 'fields' | 'readings' | 'errors' | 'clock'> {
  const { values, errors, clock } = JSON.parse(body) as Body;
  const parts = {
    fields: JSON.stringify(Object.keys(values)),
    readings: JSON.stringify(Object.values(values)),
    errors: errors === undefined ? null : JSON.stringify(errors),
  };
  return clock === undefined ? parts : { ...parts, clock };
}

export function sampleOfStored(row: StoredRow): RecordedSample {
  const { ts, boot, seq, gateway, device, clock } = row;
  // Written by `splitBody` only. fromEntries defines own properties, so that `__proto__` is a key like any other.
  const fields = JSON.parse(row.fields) as readonly string[];
  const readings = JSON.parse(row.readings) as readonly Value[];
  const values = Object.fromEntries(fields.map((field, index) => [field, readings[index] ?? null]));
  const sample = {
    ...{ ts, boot, seq, gateway, device, values },
    ...(row.errors === null ? {} : errorsOf(row.errors)),
  };
  return clock === undefined ? sample : { ...sample, clock };
}

function errorsOf(text: string): Pick<RecordedSample, 'errors' | 'clock'> {
  const kept = JSON.parse(text) as Record<string, string> | [Record<string, string> | null, ClockMark];
  if (!Array.isArray(kept)) return { errors: kept };
  const [errors, clock] = kept;
  return { ...(errors === null ? {} : { errors }), clock };
}

/** A body as what it says; or why it says nothing: a byte of it was damaged in the file. */
export function tried<T>(read: () => T): T | { readonly damaged: string } {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError) && !(thrown instanceof TypeError)) throw thrown;
    return { damaged: `damaged in the store's file: ${thrown.message}` };
  }
}

export function isDamaged(made: object): made is { readonly damaged: string } {
  return 'damaged' in made;
}

/** Those that can still be read. */
export function soundOf<Row, T extends object>(
  rows: readonly Row[],
  read: (row: Row) => T,
  onDamaged: () => void,
): T[] {
  return rows.flatMap((row) => {
    const made = tried(() => read(row));
    if (!isDamaged(made)) return [made];
    onDamaged();
    return [];
  });
}

/** The row with these fields alone; undefined where it has none of them, or is damaged. */
export function onlyFieldsOfRow(row: SampleRow, fields: readonly string[]): SampleRow | undefined {
  const sample = tried(() => sampleOfRow(row));
  const only = isDamaged(sample) ? undefined : onlyFields(sample, fields);
  return only === undefined ? undefined : rowOfRecorded(only);
}

/** The same of a row of the history. */
export function onlyFieldsOfStored(row: StoredRow, fields: readonly string[]): StoredRow | undefined {
  const sample = tried(() => sampleOfStored(row));
  const only = isDamaged(sample) ? undefined : onlyFields(sample, fields);
  return only === undefined ? undefined : { ...row, ...splitBody(rowOfRecorded(only).body) };
}

/** The columns `clock` and `run` of a row: NULL or empty of a sample that is not marked. */
function marksOf(row: SqlRow): Pick<SampleRow, 'clock' | 'run'> | undefined {
  const { clock, run } = row;
  if (typeof clock !== 'string' || clock === '') return undefined;
  // Written from a sample's `clock` only.
  const marked = { clock: clock as ClockMark };
  return typeof run === 'string' && run !== '' ? { ...marked, run } : marked;
}

/** The row SQLite gave for the columns of history/queries.ts. */
export function readStoredRow(row: SqlRow, device: string): StoredRow {
  const errors = row['errors'];
  const marks = marksOf(row);
  const stored = {
    boot: String(row['boot']),
    device,
    seq: Number(row['seq']),
    ts: Number(row['ts']),
    gateway: String(row['gateway']),
    fields: String(row['fields']),
    readings: String(row['readings']),
    errors: typeof errors === 'string' ? errors : null,
  };
  return marks === undefined ? stored : { ...stored, ...marks };
}

/** The row SQLite gave for the columns boot, device, seq, ts, gateway, body, clock, run. */
export function readSampleRow(row: SqlRow): SampleRow {
  const marks = marksOf(row);
  const sample = {
    boot: String(row['boot']),
    device: String(row['device']),
    seq: Number(row['seq']),
    ts: Number(row['ts']),
    gateway: String(row['gateway']),
    body: String(row['body']),
  };
  return marks === undefined ? sample : { ...sample, ...marks };
}
