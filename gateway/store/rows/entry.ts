// An entry of the logbook as a row, and the key by which every store tells it from the others.
import { createHash } from 'node:crypto';
import type { LogbookEntry } from '../../../shared/logbook.js';

/** `body` is the whole entry as JSON; the columns beside it are what is asked by. */
export interface LogbookRow {
  readonly key: string;
  readonly ts: number;
  readonly kind: string;
  readonly device: string | null;
  readonly name: string;
  readonly body: string;
}

/** Written by `rowOfEntry` only. */
export function entryOf(body: string): LogbookEntry {
  return JSON.parse(body) as LogbookEntry;
}

export function rowOfEntry(entry: LogbookEntry): LogbookRow {
  const { ts, kind, name, device = null } = entry;
  return { key: keyOfEntry(entry), ts, kind, device, name, body: JSON.stringify(entry) };
}

/**
 * The key under which every store keeps it. A command was answered once, at its moment; an event that comes again, from
 * whatever broker, has the same bytes.
 */
export function keyOfEntry(entry: LogbookEntry): string {
  const { gateway, ts, name } = entry;
  if (entry.kind === 'command') return [gateway, entry.device, name, entry.id, ts].join('/');
  const bytes = JSON.stringify([entry.device ?? null, entry.detail ?? null]);
  return [gateway, name, ts, createHash('sha256').update(bytes).digest('hex').slice(0, 16)].join('/');
}
