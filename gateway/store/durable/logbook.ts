// The Logbook port over the store's thread, and the queue from which a delivery takes what MongoDB has not yet.
import type { WaitingItem, WaitingItems } from '../../../bridge/recording/delivery.js';
import type { Logbook, LogbookEntry, LogbookQuery } from '../../../shared/logbook.js';
import type { Log } from '../../../shared/ports.js';
import type { Poisoned } from '../../../shared/stores.js';
import { entryOf, keyOfEntry, rowOfEntry } from '../rows/entry.js';
import { isDamaged, soundOf, tried } from '../rows/sample.js';
import type { StoreLink } from '../thread/link.js';

export class DurableLogbook implements Logbook, WaitingItems<LogbookEntry> {
  readonly #link: StoreLink;
  readonly #log: Log;
  readonly #onAppend: () => void;

  readonly #onDamaged: () => void;

  /** `onAppend`: told before each note; `onDamaged`: of each entry that can't be read any more. */
  constructor(link: StoreLink, log: Log, onAppend: () => void, onDamaged: () => void) {
    this.#onDamaged = onDamaged;
    this.#link = link;
    this.#log = log;
    this.#onAppend = onAppend;
  }

  async note(entry: LogbookEntry): Promise<void> {
    this.#onAppend();
    const row = rowOfEntry(entry);
    await this.#link.call('note', { row }, row.body.length);
  }

  keyOf(entry: LogbookEntry): string {
    return keyOfEntry(entry);
  }

  async query(query: LogbookQuery): Promise<readonly LogbookEntry[]> {
    return soundOf(await this.#link.call('queryLogbook', query), entryOf, this.#onDamaged);
  }

  async peek(limit: number): Promise<readonly WaitingItem<LogbookEntry>[]> {
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
