// Where samples end up: MongoDB when its address is given, else the local history.
import type { DeliveryOptions } from '../../bridge/recording/delivery.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import type { ReadingStore, TakenOver } from '../../shared/stores.js';
import type { LocalHistory } from './durable/history.js';
import type { chooseMongo, ChosenMongo } from './mongo/choice.js';

/** MongoDB, where that is the store. */
export interface MongoPlace {
  readonly uri: string;
  readonly choose: typeof chooseMongo;
}

export interface StoreChoice {
  readonly mongo?: MongoPlace | undefined;
  readonly keepMs: number;
  /** The gateway's id, or the name of a recorder that runs alone. */
  readonly owner: string;
  readonly local: LocalHistory;
  readonly clock: Clock;
  readonly log: Log;
}

/** The store, how the delivery goes about it, and what of it has a life of its own. */
export interface ChosenStore extends Pick<DeliveryOptions, 'gatherMs' | 'batchSamples' | 'takeOver'> {
  readonly store: ReadingStore;
  readonly components: readonly Component[];
  /** Where the logbook goes as well; it stays in the data folder in any case. */
  readonly logbook?: ChosenMongo['logbook'];
}

/** Samples of a second go to MongoDB together: fewer requests. */
const GATHER_MS = 1000;
/**
 * Those of minutes to the local history, sorted: few pages are then written, each with many samples. Until then they
 * wait in the outbox, where every query looks as well; so many that looking stays cheap.
 */
const TAKE_OVER = { gatherMs: 180_000, batchSamples: 15_000 };

/** What `chooseReadingStore` needs of MongoDB; undefined without an address. */
export async function mongoPlace(uri: string | undefined): Promise<MongoPlace | undefined> {
  if (uri === undefined) return undefined;
  return { uri, choose: (await import('./mongo/choice.js')).chooseMongo };
}

export function chooseReadingStore({ mongo, ...choice }: StoreChoice): ChosenStore {
  const { local } = choice;
  if (mongo !== undefined) return { ...mongo.choose(mongo.uri, choice), gatherMs: GATHER_MS };
  const takeOver = (limit: number): Promise<TakenOver> => local.takeOver(limit);
  return { store: local, takeOver, ...TAKE_OVER, components: [] };
}
