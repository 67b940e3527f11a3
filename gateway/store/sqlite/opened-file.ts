// The store's file, opened: what every table in it is made of.
import type { SqliteDatabase } from './engine.js';

export interface StoreFile {
  readonly database: SqliteDatabase;
  /** Random, made with the file: half of the identity of samples that came without one. */
  readonly storeId: string;
}
