// `export`: everything that was recorded of a device, page after page, so that memory stays flat however much it is.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stderr, stdout } from 'node:process';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { History } from '../../../bridge/history/history.js';
import { beginningOf, parseHistoryQuery } from '../../../bridge/history/request.js';
import { GatewayError } from '../../../shared/errors.js';
import { compareCursors, cursorOf, type HistoryCursor } from '../../../shared/history-cursor.js';
import { LAST_MOMENT } from '../../../shared/moment.js';
import type { HistoryQuery } from '../../../shared/stores.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { Progress } from '../../process/progress.js';
import { csvHeader, csvRow, fieldsOf } from '../../web/csv.js';
import { SystemClock } from '../../process/system-clock.js';
import { requestOf, typed, wasEverRecorded, withHistory, type RangeOptions } from './history-range.js';
import { printAnswer } from '../print/answer.js';
import type { ExportFormat } from './formats.js';
import { refuseUnknown } from './known-device.js';
import { whyNotWritten } from '../../process/why.js';

export interface ExportOptions extends RangeOptions {
  readonly format: ExportFormat;
  readonly output?: string;
  readonly json?: boolean;
}

type PagedQuery = HistoryQuery & Required<Pick<HistoryQuery, 'after'>>;

const SILENT = { write: () => true, isTTY: false };
/** Few enough to be small in memory. */
const PAGE_SAMPLES = 5000;

export async function exportAll(device: string, options: ExportOptions): Promise<void> {
  const { format, output, json } = options;
  if (json === true && output === undefined)
    throw new GatewayError(
      'bad_argument',
      '--json tells what was written to a file: name one with --output. The samples themselves are JSON with --format jsonl.',
    );
  const query = await typed(() => queryOf(device, options));
  await withHistory(options.data, async (history) => {
    await refuseUnknown(device, options.data, () => wasEverRecorded(history, device));
    const out = output === undefined ? stdout : await newFile(output);
    // Not between the lines themselves, where those go to the same terminal.
    const progress = new Progress(output === undefined && stdout.isTTY ? SILENT : stderr);
    const source = { history, query, progress, ...(await spanOf(history, query, progress)) };
    let count: number;
    try {
      count = await writeAll(format === 'csv' ? csvLines(source) : jsonLines(source), out);
      if (out !== stdout) await finished(out.end());
    } finally {
      progress.end();
    }
    if (json === true) printAnswer(json, { device, file: output, format, lines: count }, () => []);
    else console.error(`${String(count)} lines written`);
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

interface Source {
  readonly history: History;
  readonly query: PagedQuery;
  readonly progress: Progress;
  /** Of its first and its newest sample, in epoch ms. */
  readonly firstTs: number;
  readonly lastTs: number;
}

/** Asked only where somebody sees it: how far a row is, is known by its time. */
async function spanOf(
  history: History,
  query: PagedQuery,
  { isShown }: Progress,
): Promise<Pick<Source, 'firstTs' | 'lastTs'>> {
  if (!isShown) return { firstTs: 0, lastTs: 0 };
  let firstTs = query.fromTs;
  for await (const [first] of history.pages({ ...query, limit: 1 })) {
    firstTs = first?.ts ?? firstTs;
    break;
  }
  const { device, fromTs: from, toTs: to } = query;
  const newest = await history.answer({ device, from, to, limit: 1 });
  const last = 'samples' in newest ? newest.samples.at(-1) : undefined;
  return { firstTs, lastTs: last?.ts ?? firstTs };
}

async function* watchedPages(
  { history, query, progress, firstTs, lastTs }: Source,
  what: string,
): AsyncGenerator<readonly RecordedSample[]> {
  progress.begin(what, lastTs - firstTs, 'samples');
  for await (const samples of history.pages(query)) {
    yield samples;
    const newest = samples.at(-1);
    if (newest !== undefined) progress.reach(newest.ts - firstTs, samples.length);
  }
}

async function* jsonLines(source: Source): AsyncGenerator<string> {
  for await (const samples of watchedPages(source, 'exporting'))
    for (const sample of samples) yield JSON.stringify(sample);
}

async function* csvLines(source: Source): AsyncGenerator<string> {
  const asked = source.query.fields;
  const { fields, last } =
    asked === undefined
      ? await everyField(watchedPages(source, 'looking for fields'))
      : { fields: asked, last: undefined };
  yield csvHeader(fields);
  for await (const samples of watchedPages(source, 'exporting'))
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
    const why = whyNotWritten(cause);
    throw new GatewayError('bad_argument', `--output must be a new file: ${why}.`, { cause });
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
