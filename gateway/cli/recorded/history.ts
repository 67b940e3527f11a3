// `history`: what was recorded of a device, printed.
import { stdout } from 'node:process';
import type { HistoryAnswer, PointsAnswer } from '../../../bridge/history/history.js';
import { parseHistoryQuery, parsePointsRequest } from '../../../bridge/history/request.js';
import { GatewayError } from '../../../shared/errors.js';
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
import { refuseUnknown } from './known-device.js';
import { columns } from '../print/columns.js';

export interface HistoryOptions extends RangeOptions {
  readonly limit: string;
  readonly points?: string;
  readonly format: string;
  readonly json?: boolean;
}

type Answer = HistoryAnswer | PointsAnswer;
type Format = (answer: Answer, fields?: readonly string[]) => string[];

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['table', table],
  ['csv', csvOf],
  ['jsonl', jsonl],
]);

export async function history(device: string, options: HistoryOptions): Promise<void> {
  const format = FORMATS.get(options.json === true ? 'jsonl' : options.format);
  if (format === undefined)
    throw new GatewayError('bad_argument', `--format is one of ${[...FORMATS.keys()].join(', ')}.`);
  const { limit, points } = options;
  const count = points === undefined ? { limit: Number(limit) } : { points: Number(points) };
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

function table(answer: Answer): string[] {
  if (isEmpty(answer)) return [];
  if (!('samples' in answer)) {
    const rows = Object.entries(answer.series).flatMap(([field, points]) =>
      points.map(([ts, ...numbers]) => [timeOf(ts), field, ...numbers.map(String)]),
    );
    return columns([['time', 'field', 'count', 'min', 'avg', 'max'], ...rows]);
  }
  const fields = fieldsOf(answer.samples);
  const rows = answer.samples.map((sample) => [timeOf(sample.ts), ...cells(sample, fields)]);
  return columns([['time', ...fields], ...rows]);
}
