// What the charts show as CSV, all of it: page by page, in the shape that the gateway's own has.
import type { HistoryAnswer } from '../../../../bridge/history/history.js';
import type { RecordedSample } from '../../../../shared/sample.js';
import { csvHeader, csvOf, csvRow } from '../../csv.js';
import { allPoints, isFine, samplesOf, type CourseApi, type CourseQuery } from './ask-course.js';

const PAGE = 5000;
/** Of what a browser holds at once. */
const MOST_ROWS = 200_000;

export interface CourseCsv {
  readonly text: string;
  /** Nothing is left out. */
  readonly isWhole: boolean;
}

/** Rejects with AskError. */
export async function courseCsv(api: CourseApi, query: CourseQuery, signal: AbortSignal): Promise<CourseCsv> {
  if (!isFine(query)) return { text: textOf(csvOf(await allPoints(api, query, signal))), isWhole: true };
  const { fields } = query;
  const lines = [csvHeader(fields)];
  let after: string | undefined = '';
  while (after !== undefined && lines.length <= MOST_ROWS) {
    const { samples, next }: HistoryAnswer = await api.samples(
      { ...samplesOf(query), limit: PAGE, after },
      signal,
    );
    for (const sample of samples) if (hasOneOf(sample, fields)) lines.push(csvRow(sample, fields));
    after = next;
  }
  return { text: textOf(lines), isWhole: after === undefined };
}

function hasOneOf({ values }: RecordedSample, fields: readonly string[]): boolean {
  return fields.some((field) => Object.hasOwn(values, field));
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n`;
}
