// `history`: what was recorded of a device, printed.
import { stdout } from 'node:process';
import type { HistoryAnswer, PointsAnswer } from '../../../bridge/history/history.js';
import { parseHistoryQuery, parsePointsRequest } from '../../../bridge/history/request.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { csvOf, fieldsOf } from '../../web/csv.js';
import { SystemClock } from '../../process/system-clock.js';
import {
  requestOf,
  spanOf,
  typed,
  wasEverRecorded,
  withHistory,
  type RangeOptions,
} from './history-range.js';
import type { HistoryFormat } from './formats.js';
import { refuseUnknown } from './known-device.js';
import { table } from '../print/columns.js';
import { lookOf } from '../print/paint.js';
import { wholeNumber } from '../typed/whole-number.js';

export interface HistoryOptions extends RangeOptions {
  readonly limit: string;
  readonly points?: string;
  readonly format: HistoryFormat;
  readonly json?: boolean;
}

type Answer = HistoryAnswer | PointsAnswer;
type Format = (answer: Answer, fields?: readonly string[]) => string[];

const FORMATS: Readonly<Record<HistoryFormat, Format>> = { table: inTable, csv: csvOf, jsonl };

export async function history(device: string, options: HistoryOptions): Promise<void> {
  const format = FORMATS[options.json === true ? 'jsonl' : options.format];
  const { limit, points } = options;
  const count =
    points === undefined
      ? { limit: wholeNumber(limit, '--limit') }
      : { points: wholeNumber(points, '--points') };
  const request = { ...requestOf(device, options), ...count };
  // What was typed is looked at first, whether there is a store or not.
  const now = new SystemClock().now();
  await typed(() =>
    points === undefined ? parseHistoryQuery(request, now) : parsePointsRequest(request, now),
  );
  const answer = await withHistory(options.data, async (known) => {
    const found = await known.answer(request);
    if (isEmpty(found)) await refuseUnknown(device, options.data, () => wasEverRecorded(known, device));
    return found;
  });
  for (const line of format(answer, options.fields?.split(','))) stdout.write(`${line}\n`);
  if (answer.missing !== undefined)
    console.error(`Only what waits for MongoDB, which cannot be asked: ${answer.missing.message}`);
  if (isEmpty(answer)) console.error(`Nothing is recorded of ${device} in ${spanOf(options, '1h')}.`);
  if ('truncated' in answer && answer.truncated)
    console.error(
      `These are the newest ${String(answer.samples.length)} of more: --limit takes up to 10000, and export writes all.`,
    );
  if ('leftOutBefore' in answer)
    console.error(`What waits from before ${timeOf(answer.leftOutBefore)} is left out.`);
}

function isEmpty(answer: Answer): boolean {
  if ('samples' in answer) return answer.samples.length === 0;
  return Object.values(answer.series).every((points) => points.length === 0);
}

function timeOf(ts: number): string {
  return new Date(ts).toISOString();
}

function jsonl(answer: Answer): string[] {
  if ('samples' in answer) return answer.samples.map((sample) => JSON.stringify(sample));
  return Object.entries(answer.series).flatMap(([field, points]) =>
    points.map(([ts, count, min, avg, max]) => JSON.stringify({ ts, field, count, min, avg, max })),
  );
}

function cells(sample: RecordedSample, fields: readonly string[]): string[] {
  return fields.map((field) => {
    const value = sample.values[field];
    return value === null ? (sample.errors?.[field] ?? 'null') : String(value ?? '');
  });
}

function inTable(answer: Answer): string[] {
  if (isEmpty(answer)) return [];
  if (!('samples' in answer)) {
    const rows = Object.entries(answer.series).flatMap(([field, points]) =>
      points.map(([ts, ...numbers]) => [timeOf(ts), field, ...numbers.map(String)]),
    );
    return table([['time', 'field', 'count', 'min', 'avg', 'max'], ...rows], lookOf(stdout));
  }
  const fields = fieldsOf(answer.samples);
  const rows = answer.samples.map((sample) => [timeOf(sample.ts), ...cells(sample, fields)]);
  return table([['time', ...fields], ...rows], lookOf(stdout));
}
