// The logbook's way to MongoDB: collections `commands` and `events`, one document an entry, each stored once.
import type { Collection } from 'mongodb';
import type { DeliveryReport } from '../../../shared/stores.js';
import { LOGBOOK_KINDS, type LogbookEntry, type LogbookKind } from '../../../shared/logbook.js';
import { keyOfEntry } from '../rows/entry.js';
import { refusalsOf, type RefusedDocument, type Refusals } from './outcome.js';
import { escapeKey } from './document.js';
import { classifyMongoError } from './errors.js';

export type LogbookDocument = Readonly<Record<string, unknown>> & { readonly _id: string; readonly ts: Date };

/** Ready collections of the one client there is. */
export interface LogbookCollections {
  logbook(name: string): Promise<Collection<LogbookDocument>>;
}

const COLLECTIONS: Readonly<Record<LogbookKind, string>> = { command: 'commands', event: 'events' };
export const LOGBOOK_COLLECTIONS: readonly string[] = Object.values(COLLECTIONS);

export class MongoLogbook {
  readonly kind = 'mongodb';
  readonly #collections: LogbookCollections;

  constructor(collections: LogbookCollections) {
    this.#collections = collections;
  }

  /** Rejects with store_unreachable, store_refused or store_failed: send the same batch again. */
  async deliver(entries: readonly LogbookEntry[]): Promise<DeliveryReport> {
    const poisoned: RefusedDocument[] = [];
    const undecided: RefusedDocument[] = [];
    try {
      for (const kind of LOGBOOK_KINDS) {
        const indexes = [...entries.keys()].filter((index) => entries[index]?.kind === kind);
        const documents = indexes.flatMap((index) => entries[index] ?? []).map(documentOf);
        const refused = await this.#insert(COLLECTIONS[kind], documents);
        const inBatch = ({ index, reason }: RefusedDocument): RefusedDocument => ({
          index: indexes[index] ?? index,
          reason,
        });
        poisoned.push(...refused.poisoned.map(inBatch));
        undecided.push(...refused.undecided.map(inBatch));
      }
      return { poisoned, ...(undecided.length === 0 ? {} : { undecided }) };
    } catch (thrown) {
      throw classifyMongoError(thrown);
    }
  }

  async #insert(name: string, documents: readonly LogbookDocument[]): Promise<Refusals> {
    if (documents.length === 0) return { poisoned: [], undecided: [] };
    const collection = await this.#collections.logbook(name);
    try {
      await collection.insertMany(documents, { ordered: false });
      return { poisoned: [], undecided: [] };
    } catch (thrown) {
      return refusalsOf(thrown, documents.length);
    }
  }
}

function documentOf(entry: LogbookEntry): LogbookDocument {
  const { kind: _kind, ts, ...rest } = entry;
  return { _id: keyOfEntry(entry), ts: new Date(ts), ...(escaped(rest) as object) };
}

/** Of an event's details no key is known beforehand. */
function escaped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [escapeKey(key), escaped(inner)]));
}
