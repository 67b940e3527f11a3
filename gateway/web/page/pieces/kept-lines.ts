// The lines that the logbook has given until now, page by page, from the newest back.
import { keyOf, type Line } from './line.js';

/** In all: who looks further back asks for another time. */
const MOST_LINES = 2000;

export interface KeptLines {
  /** Newest first. */
  readonly lines: readonly Line[];
  /** Where older ones begin, if there are some. */
  readonly next?: string | undefined;
  /** How far back was asked. */
  readonly sinceMs: number;
}

/** Asked for the newest once more: what is older stays, as far as it hangs together with them. */
export function renewed(known: KeptLines, fresh: KeptLines): KeptLines {
  const oldest = fresh.lines.at(-1);
  if (oldest === undefined || fresh.next === undefined || fresh.sinceMs !== known.sinceMs) return fresh;
  const key = keyOf(oldest);
  const at = known.lines.findLastIndex((line) => keyOf(line) === key);
  return at < 0 ? fresh : bounded({ ...known, lines: [...fresh.lines, ...known.lines.slice(at + 1)] });
}

/** With what is older than `before`, unless something else has been asked meanwhile. */
export function goneOn(known: KeptLines, before: KeptLines, older: KeptLines): KeptLines {
  if (known.next !== before.next || known.sinceMs !== before.sinceMs) return known;
  return bounded({ ...older, lines: [...known.lines, ...older.lines] });
}

/** What is full does not go on. */
function bounded(kept: KeptLines): KeptLines {
  if (kept.lines.length < MOST_LINES) return kept;
  return { lines: kept.lines.slice(0, MOST_LINES), sinceMs: kept.sinceMs };
}
