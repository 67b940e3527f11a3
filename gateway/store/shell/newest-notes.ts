// The lines of the newest commands, which are in no table yet: for who reads the store's file beside the gateway.
import type { LogbookEntry, LogbookQuery } from '../../../shared/logbook.js';
import { readCommandLog } from '../command-log/file.js';
import { beyond, type LogMark } from '../rows/command-record.js';
import { entryOf, keyOfEntry } from '../rows/entry.js';

/** Of the log at this path, without those that the tables have. */
export function notesAhead(path: string, mark: LogMark | undefined): readonly LogbookEntry[] {
  const notes = beyond(mark, readCommandLog(path)).flatMap((record) => ('note' in record ? record.note : []));
  return notes.map(({ body }) => entryOf(body));
}

/** Both, oldest first, each once; of more than the limit the newest. */
export function withNewest(
  kept: readonly LogbookEntry[],
  newest: readonly LogbookEntry[],
  query: LogbookQuery,
): readonly LogbookEntry[] {
  const { before, limit } = query;
  const keys = new Set(kept.map(keyOfEntry));
  // Older than one of the tables is what the tables have.
  const end =
    before === undefined ? newest.length : newest.findIndex((entry) => keyOfEntry(entry) === before);
  const asked = newest.slice(0, Math.max(0, end)).filter((entry) => isAsked(entry, query));
  const more = asked.filter((entry) => !keys.has(keyOfEntry(entry)));
  if (more.length === 0) return kept;
  return [...kept, ...more].sort((one, other) => one.ts - other.ts).slice(-limit);
}

function isAsked(entry: LogbookEntry, { kind, device, name, fromTs, toTs }: LogbookQuery): boolean {
  const { ts } = entry;
  const isOf = (wanted: string | undefined, has: string | undefined): boolean =>
    wanted === undefined || wanted === has;
  return (
    ts >= fromTs &&
    ts < toTs &&
    isOf(kind, entry.kind) &&
    isOf(device, entry.device) &&
    isOf(name, entry.name)
  );
}
