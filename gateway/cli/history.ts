// `history`: what was recorded of a device, printed. Reads the data folder itself, so it works beside a running gateway.
import { env, stderr, stdout } from 'node:process';
import { parseHistoryQuery } from '../../bridge/history.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import type { HistoryQuery } from '../../shared/ports.js';
import type { RecordedSample } from '../../shared/sample.js';
import { createLogger } from '../logging/logger.js';
import { readSamples } from '../store/read-samples.js';
import { SystemClock } from '../system-clock.js';

export interface HistoryOptions {
  readonly last: string;
  readonly limit: string;
  readonly format: string;
  readonly data: string;
}

type Format = (samples: readonly RecordedSample[]) => string[];

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['table', table],
  ['csv', csv],
  ['jsonl', (samples) => samples.map((sample) => JSON.stringify(sample))],
]);

export async function history(device: string, options: HistoryOptions): Promise<void> {
  const format = FORMATS.get(options.format);
  if (format === undefined)
    throw new GatewayError('bad_argument', `--format is one of ${[...FORMATS.keys()].join(', ')}.`);
  const clock = new SystemClock();
  const query = queryOf(device, options, clock.now());
  const logger = await createLogger({ level: 'warn', clock, output: stderr, pretty: true });
  const mongodbUri = env['MONGODB_URI'];
  const samples = await readSamples({
    dataDir: options.data,
    query,
    log: logger.log,
    ...(mongodbUri === undefined ? {} : { mongodbUri }),
  });
  for (const line of format(samples)) stdout.write(`${line}\n`);
  if (samples.length === 0) console.error(`Nothing is recorded of ${device} in the last ${options.last}.`);
}

/** The same limits as over MQTT; what was typed is the mistake, not a payload. */
function queryOf(device: string, { last, limit }: HistoryOptions, now: number): HistoryQuery {
  try {
    return parseHistoryQuery({ device, last, limit: Number(limit) }, now);
  } catch (thrown) {
    throw new GatewayError('bad_argument', asGatewayError(thrown).message, { cause: thrown });
  }
}

/** Every field that occurs, in order of appearance: a device with two samples has rows of two shapes. */
function fieldsOf(samples: readonly RecordedSample[]): string[] {
  return [...new Set(samples.flatMap((sample) => Object.keys(sample.values)))];
}

function cells(sample: RecordedSample, fields: readonly string[]): string[] {
  return fields.map((field) => {
    const value = sample.values[field];
    return value === null ? (sample.errors?.[field] ?? 'null') : String(value ?? '');
  });
}

function table(samples: readonly RecordedSample[]): string[] {
  if (samples.length === 0) return [];
  const fields = fieldsOf(samples);
  const rows = [
    ['time', ...fields],
    ...samples.map((sample) => [new Date(sample.ts).toISOString(), ...cells(sample, fields)]),
  ];
  const widths = ['time', ...fields].map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function csv(samples: readonly RecordedSample[]): string[] {
  const fields = fieldsOf(samples);
  const header = ['ts', 'boot', 'seq', ...fields];
  const rows = samples.map((sample) => [
    new Date(sample.ts).toISOString(),
    sample.boot,
    String(sample.seq),
    // Empty where there is no value: an error's name in a column of numbers breaks every reader of CSV.
    ...fields.map((field) => String(sample.values[field] ?? '')),
  ]);
  return [header, ...rows].map((row) => row.map(quoted).join(','));
}

/** RFC 4180, section 2. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
