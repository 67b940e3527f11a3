// `export`: everything that was recorded of a device, page after page, so that memory stays flat however much it is.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stdout } from 'node:process';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { History } from '../../../bridge/history/history.js';
import { beginningOf, parseHistoryQuery } from '../../../bridge/history/request.js';
import { GatewayError } from '../../../shared/errors.js';
import { compareCursors, cursorOf, type HistoryCursor } from '../../../shared/history-cursor.js';
import { LAST_MOMENT } from '../../../shared/moment.js';
import type { HistoryQuery } from '../../../shared/stores.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { csvHeader, csvRow, fieldsOf } from '../../web/csv.js';
import { SystemClock } from '../../process/system-clock.js';
import { requestOf, typed, wasEverRecorded, withHistory, type RangeOptions } from './history-range.js';
import { refuseUnknown } from './known-device.js';

export interface ExportOptions extends RangeOptions {
  readonly format: string;
  readonly output?: string;
}

type PagedQuery = HistoryQuery & Required<Pick<HistoryQuery, 'after'>>;

/** Few enough to be small in memory. */
const PAGE_SAMPLES = 5000;

export async function exportAll(device: string, options: ExportOptions): Promise<void> {
  const { format, output } = options;
  if (format !== 'csv' && format !== 'jsonl')
    throw new GatewayError('bad_argument', '--format is one of csv, jsonl.');
  const query = await typed(() => queryOf(device, options));
  await withHistory(options.data, async (history) => {
    await refuseUnknown(device, options.data, () => wasEverRecorded(history, device));
    const out = output === undefined ? stdout : await newFile(output);
    const lines = format === 'csv' ? csvLines(history, query) : jsonLines(history, query);
    const count = await writeAll(lines, out);
    if (out !== stdout) await finished(out.end());
    console.error(`${String(count)} lines written`);
  });
}

/** Without a range all there is, also of clocks that are ahead; a gateway beside it records slower than this reads. */
function queryOf(device: string, options: ExportOptions): PagedQuery {
  const { last, from, to } = options;
  const isAll = last === undefined && from === undefined;
  const all = { ...(isAll ? { from: 0 } : {}), ...(isAll && to === undefined ? { to: LAST_MOMENT } : {}) };
  const request = { ...requestOf(device, options), ...all, limit: PAGE_SAMPLES };
  const query = parseHistoryQuery(request, new SystemClock().now());
  return { ...query, after: beginningOf(query.fromTs) };
}

async function* jsonLines(history: History, query: PagedQuery): AsyncGenerator<string> {
  for await (const samples of history.pages(query))
    for (const sample of samples) yield JSON.stringify(sample);
}

async function* csvLines(history: History, query: PagedQuery): AsyncGenerator<string> {
  const { fields, last } =
    query.fields === undefined
      ? await everyField(history.pages(query))
      : { fields: query.fields, last: undefined };
  yield csvHeader(fields);
  for await (const samples of history.pages(query))
    for (const sample of samples) {
      // What came meanwhile may have fields that the header does not know.
      if (last !== undefined && compareCursors(cursorOf(sample), last) > 0) return;
      yield csvRow(sample, fields);
    }
}

/** A header must name them all before the first row: everything is read once for that. */
async function everyField(
  pages: AsyncIterable<readonly RecordedSample[]>,
): Promise<{ readonly fields: string[]; readonly last: HistoryCursor | undefined }> {
  const fields = new Set<string>();
  let last: HistoryCursor | undefined;
  for await (const samples of pages) {
    for (const field of fieldsOf(samples)) fields.add(field);
    const newest = samples.at(-1);
    if (newest !== undefined) last = cursorOf(newest);
  }
  return { fields: [...fields], last };
}

async function newFile(path: string): Promise<Writable> {
  const file = createWriteStream(path, { flags: 'wx' });
  try {
    await once(file, 'open');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('bad_argument', `--output must be a new file: ${why}`, { cause });
  }
  return file;
}

/** Waits where the reader is slower; ends where nobody reads any more, as behind `| head`. */
async function writeAll(lines: AsyncIterable<string>, out: Writable): Promise<number> {
  let count = 0;
  for await (const line of lines) {
    if (out.destroyed || out.errored !== null) break;
    if (!out.write(`${line}\n`)) await Promise.race([once(out, 'drain'), once(out, 'close')]);
    count += 1;
  }
  return count;
}
