// The Logbook port over the store's thread, and the queue from which a delivery takes what MongoDB has not yet.
import type { WaitingItem, WaitingItems } from '../../../bridge/recording/delivery.js';
import type { Logbook, LogbookEntry, LogbookQuery } from '../../../shared/logbook.js';
import type { Log } from '../../../shared/ports.js';
import type { Poisoned } from '../../../shared/stores.js';
import { entryOf, keyOfEntry, rowOfEntry } from '../rows/entry.js';
import { isDamaged, soundOf, tried } from '../rows/sample.js';
import type { CommandLogWriter } from '../command-log/writer.js';
import type { StoreLink } from '../thread/link.js';

export interface DurableLogbookOptions {
  readonly link: StoreLink;
  readonly log: Log;
  /** Where the lines of commands go first. */
  readonly commands: CommandLogWriter;
  /** Told before each note. */
  readonly onAppend: () => void;
  /** Told of each entry that can't be read any more. */
  readonly onDamaged: () => void;
}

export class DurableLogbook implements Logbook, WaitingItems<LogbookEntry> {
  readonly #link: StoreLink;
  readonly #log: Log;
  readonly #commands: CommandLogWriter;
  readonly #onAppend: () => void;
  readonly #onDamaged: () => void;

  constructor({ link, log, commands, onAppend, onDamaged }: DurableLogbookOptions) {
    this.#onDamaged = onDamaged;
    this.#link = link;
    this.#log = log;
    this.#commands = commands;
    this.#onAppend = onAppend;
  }

  async note(entry: LogbookEntry): Promise<void> {
    this.#onAppend();
    const row = rowOfEntry(entry);
    // With the command's answer, in one write.
    if (entry.kind === 'command') return this.#commands.append({ note: row });
    await this.#link.call('note', { row }, row.body.length);
  }

  keyOf(entry: LogbookEntry): string {
    return keyOfEntry(entry);
  }

  async query(query: LogbookQuery): Promise<readonly LogbookEntry[]> {
    await this.#commands.moved();
    return soundOf(await this.#link.call('queryLogbook', query), entryOf, this.#onDamaged);
  }

  async peek(limit: number): Promise<readonly WaitingItem<LogbookEntry>[]> {
    await this.#commands.moved();
    for (;;) {
      const waiting = await this.#link.call('peekLogbook', { limit });
      const damaged: Poisoned[] = [];
      const entries = waiting.flatMap(({ position, body, cutBehind }) => {
        const sample = tried(() => entryOf(body));
        if (!isDamaged(sample)) return [{ position, sample, ...(cutBehind === true ? { cutBehind } : {}) }];
        damaged.push({ position, reason: sample.damaged });
        return [];
      });
      if (damaged.length === 0) return entries;
      await this.settle([], damaged);
    }
  }

  /** What MongoDB will never take stays here, as everything does. */
  async settle(delivered: readonly number[], poisoned: readonly Poisoned[]): Promise<void> {
    if (poisoned.length > 0) this.#log.warn({ poisoned }, 'entries of the logbook are kept here only');
    await this.#link.call('settleLogbook', [...delivered, ...poisoned.map(({ position }) => position)]);
  }
}
