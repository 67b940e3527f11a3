// Where samples end up: MongoDB when its address is given, else the local history.
import type { DeliveryOptions } from '../../bridge/delivery.js';
import type { Component, Log, ReadingStore } from '../../shared/ports.js';
import type { LocalHistory } from './local-history.js';
import { MongoLogbook } from './mongo-logbook.js';
import { MongoStore } from './mongo-store.js';

/** Removing a chunk is cheap; once in ten minutes keeps the file near its size. */
const PRUNE_EVERY_MS = 600_000;

export interface StoreChoice {
  readonly mongodbUri?: string;
  readonly keepMs: number;
  readonly local: LocalHistory;
  readonly log: Log;
}

/** The store, the work on it that the delivery does now and then, and what of it has a life of its own. */
export interface ChosenStore extends Pick<
  DeliveryOptions,
  'housekeeping' | 'gatherMs' | 'batchSamples' | 'takeOver'
> {
  readonly store: ReadingStore;
  readonly components: readonly Component[];
  /** Where the logbook goes as well; it stays in the data folder in any case. */
  readonly logbook?: MongoLogbook;
}

/** Samples of a second go to MongoDB together: fewer requests. */
const GATHER_MS = 1000;
/**
 * Those of minutes to the local history, sorted: few pages are then written, each with many samples. Until then they
 * wait in the outbox, where every query looks as well; so many that looking stays cheap.
 */
const TAKE_OVER = { gatherMs: 180_000, batchSamples: 5000 };

export function chooseReadingStore({ mongodbUri, keepMs, local, log }: StoreChoice): ChosenStore {
  const housekeeping = { run: () => local.prune(), everyMs: PRUNE_EVERY_MS };
  if (mongodbUri === undefined) {
    const takeOver = (limit: number): Promise<number> => local.takeOver(limit);
    return { store: local, housekeeping, takeOver, ...TAKE_OVER, components: [] };
  }
  const store = new MongoStore({ uri: mongodbUri, keepMs, log });
  return { store, gatherMs: GATHER_MS, components: [store], logbook: new MongoLogbook(store) };
}
