// The store's file, opened: what every table in it is made of.
import type { SqliteDatabase } from './engine.js';

export interface StoreFile {
  readonly database: SqliteDatabase;
  /** Random, made with the file: half of the identity of samples that came without one. */
  readonly storeId: string;
  /** There where it was of an older version, and was changed. */
  readonly upgraded?: Upgraded;
}

export interface Upgraded {
  readonly from: number;
  /** The file as it was before; absent where none was wanted. */
  readonly copy?: string;
}
