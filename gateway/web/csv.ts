// Samples and points as CSV (RFC 4180), for spreadsheets and scripts; over HTTP and in the shell the same.
import type { HistoryAnswer, PointsAnswer } from '../../bridge/history/history.js';
import type { RecordedSample } from '../../shared/sample.js';

/** In order of appearance: a device with two samples has rows of two shapes. */
export function fieldsOf(samples: readonly RecordedSample[]): string[] {
  return [...new Set(samples.flatMap(({ values }) => Object.keys(values)))];
}

/** `ts,boot,seq,<fields…>,errors,clock`. */
export function csvHeader(fields: readonly string[]): string {
  return line(['ts', 'boot', 'seq', ...fields.map(harmless), 'errors', 'clock']);
}

/** A value that is not believed is an empty cell, and `errors` has its name: a name in a column of numbers breaks readers. */
export function csvRow(sample: RecordedSample, fields: readonly string[]): string {
  const { ts, boot, seq, values, errors, clock = '' } = sample;
  const cells = fields.map((field) => cellOf(Object.hasOwn(values, field) ? values[field] : null));
  const wrong = errors === undefined ? '' : JSON.stringify(errors);
  return line([new Date(ts).toISOString(), harmless(boot), String(seq), ...cells, wrong, clock]);
}

/** An answer of the history as a whole, with its header. */
export function csvOf(answer: HistoryAnswer | PointsAnswer, fields?: readonly string[]): string[] {
  if ('samples' in answer) {
    const columns = fields ?? fieldsOf(answer.samples);
    return [csvHeader(columns), ...answer.samples.map((sample) => csvRow(sample, columns))];
  }
  const rows = Object.entries(answer.series).flatMap(([field, points]) =>
    points.map(([ts, ...numbers]) =>
      line([new Date(ts).toISOString(), harmless(field), ...numbers.map(String)]),
    ),
  );
  return [line(['ts', 'field', 'count', 'min', 'avg', 'max']), ...rows];
}

function cellOf(value: RecordedSample['values'][string] | undefined): string {
  if (typeof value === 'string') return value === '' ? EMPTY_TEXT : harmless(value);
  return value === null || value === undefined ? '' : String(value);
}

/** To be told from no value. A text that is this itself reads as empty too: no spreadsheet holds a NUL. */
const EMPTY_TEXT = '\0';

/**
 * A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers are left as they are:
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function line(cells: readonly string[]): string {
  return cells.map(quoted).join(',');
}

/** RFC 4180, section 2. */
function quoted(cell: string): string {
  if (cell === EMPTY_TEXT) return '""';
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
