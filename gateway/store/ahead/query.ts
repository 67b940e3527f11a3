// What of a question to the outbox is ahead of its table, and both as one answer.
import { compareCursors } from '../../../shared/history-cursor.js';
import { keyOf } from '../../../shared/sample.js';
import type { HistoryQuery } from '../../../shared/stores.js';
import { onlyFieldsOfRow, type SampleRow } from '../rows/sample.js';
import { ANSWER_CHARS } from '../sqlite/within.js';

/** Those that the question is about, as the table would give them. */
export function askedOf(ahead: Iterable<SampleRow>, query: HistoryQuery): readonly SampleRow[] {
  const { device, gateway, fromTs, toTs, after, fields } = query;
  const found: SampleRow[] = [];
  for (const row of ahead) {
    if (row.device !== device || row.ts < fromTs || row.ts >= toTs) continue;
    if (gateway !== undefined && row.gateway !== gateway) continue;
    if (after !== undefined && compareCursors(placeOf(row), after) <= 0) continue;
    const asked = fields === undefined ? row : onlyFieldsOfRow(row, fields);
    if (asked !== undefined) found.push(asked);
  }
  return oldestFirst(found, query);
}

/** Each once: asked first ahead of the table and then in it, one may have been in both. */
export function asOne(
  ahead: readonly SampleRow[],
  inTable: readonly SampleRow[],
  query: HistoryQuery,
): readonly SampleRow[] {
  if (ahead.length === 0) return inTable;
  const byKey = new Map([...inTable, ...ahead].map((row) => [keyOf(row), row]));
  return oldestFirst([...byKey.values()], query);
}

/**
 * Of more than `limit` or `maxChars` the newest, or with `after` the oldest. What the table left out for that lies beyond
 * the end of this as well: nothing is skipped.
 */
function oldestFirst(rows: readonly SampleRow[], query: HistoryQuery): readonly SampleRow[] {
  const { limit, maxChars = ANSWER_CHARS, after } = query;
  if (after !== undefined)
    return within(
      [...rows].sort((a, b) => compareCursors(placeOf(a), placeOf(b))),
      limit,
      maxChars,
    );
  return within([...rows].sort((a, b) => a.ts - b.ts).reverse(), limit, maxChars).reverse();
}

/** The first of them, at least one. */
function within(rows: readonly SampleRow[], limit: number, maxChars: number): SampleRow[] {
  let left = maxChars;
  const end = rows.slice(0, limit).findIndex(({ body }, index) => {
    const isOver = left <= 0 && index > 0;
    left -= body.length;
    return isOver;
  });
  return rows.slice(0, end < 0 ? limit : end);
}

function placeOf(row: SampleRow): { readonly ts: number; readonly identity: string } {
  return { ts: row.ts, identity: keyOf(row) };
}
