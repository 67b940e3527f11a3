// The Logbook port over the store's thread, and the queue from which a delivery takes what MongoDB has not yet.
import { createHash } from 'node:crypto';
import type { WaitingItems } from '../../bridge/delivery.js';
import type { Logbook, LogbookEntry, LogbookQuery } from '../../shared/logbook.js';
import type { Clock, Log, Poisoned } from '../../shared/ports.js';
import type { LogbookRow } from './logbook-table.js';
import type { StoreLink } from './store-link.js';

export class DurableLogbook implements Logbook, WaitingItems<LogbookEntry> {
  readonly #link: StoreLink;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keepMs: number | undefined;

  constructor(link: StoreLink, clock: Clock, log: Log, keepMs: number | undefined) {
    this.#link = link;
    this.#clock = clock;
    this.#log = log;
    this.#keepMs = keepMs;
  }

  async note(entry: LogbookEntry): Promise<void> {
    const row = rowOfEntry(entry);
    const beforeTs = this.#keepMs === undefined ? 0 : this.#clock.now() - this.#keepMs;
    await this.#link.call('note', { row, beforeTs }, row.body.length);
  }

  async query(query: LogbookQuery): Promise<readonly LogbookEntry[]> {
    return (await this.#link.call('queryLogbook', query)).map(entryOf);
  }

  async peek(limit: number): Promise<readonly { position: number; sample: LogbookEntry }[]> {
    const waiting = await this.#link.call('peekLogbook', { limit });
    return waiting.map(({ position, body }) => ({ position, sample: entryOf(body) }));
  }

  /** What MongoDB will never take stays here, as everything does. */
  async settle(delivered: readonly number[], poisoned: readonly Poisoned[]): Promise<void> {
    if (poisoned.length > 0) this.#log.warn({ poisoned }, 'entries of the logbook are kept here only');
    await this.#link.call('settleLogbook', [...delivered, ...poisoned.map(({ position }) => position)]);
  }
}

/** Written by `rowOfEntry` only. */
export function entryOf(body: string): LogbookEntry {
  return JSON.parse(body) as LogbookEntry;
}

function rowOfEntry(entry: LogbookEntry): LogbookRow {
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
