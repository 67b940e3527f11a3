// MongoDB as the place where samples end up. Loaded where that is so: the driver takes a small machine a second.
import type { Clock, Component, Log } from '../../../shared/ports.js';
import type { Range } from '../retention/what-may-go.js';
import { MongoLogbook } from './logbook.js';
import { RetentionInMongo } from './retention.js';
import { MongoStore } from './store.js';

export interface MongoChoice {
  readonly keepMs: number;
  readonly owner: string;
  readonly local: { mayGo(): readonly Range[] };
  readonly clock: Clock;
  readonly log: Log;
}

export interface ChosenMongo {
  readonly store: MongoStore;
  readonly components: readonly Component[];
  readonly logbook: MongoLogbook;
}

export function chooseMongo(uri: string, { keepMs, owner, local, clock, log }: MongoChoice): ChosenMongo {
  const store = new MongoStore({ uri, retention: { keepMs, owner }, clock, log });
  const retention = new RetentionInMongo({ store, mayGo: () => local.mayGo(), clock, log });
  return { store, components: [store, retention], logbook: new MongoLogbook(store) };
}
