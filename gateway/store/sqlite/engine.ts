// The one face of SQLite: what this gateway needs of it, over node:sqlite or better-sqlite3, whichever is there.

export type SqlValue = number | string | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface SqliteStatement {
  /** How many rows it changed. */
  run(...parameters: readonly SqlValue[]): number;
  get(...parameters: readonly SqlValue[]): SqlRow | undefined;
  all(...parameters: readonly SqlValue[]): readonly SqlRow[];
  /** Row by row: whoever stops before the end has read no more. Nothing else may be asked meanwhile. */
  iterate(...parameters: readonly SqlValue[]): Iterable<SqlRow>;
}

/** One open file. Everything is synchronous; what it throws can be named by `sqliteCode`. */
export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export interface OpenOptions {
  /** The file must be there, and nothing is written to it. */
  readonly readOnly?: boolean;
}

export const SQLITE_ENGINES = ['node:sqlite', 'better-sqlite3'] as const;
export type SqliteEngineName = (typeof SQLITE_ENGINES)[number];

export interface SqliteEngine {
  readonly name: SqliteEngineName;
  open(path: string, options?: OpenOptions): SqliteDatabase;
}

/** SQLite's primary result codes that the gateway tells apart: https://sqlite.org/rescode.html */
const CODES = {
  5: 'busy',
  6: 'busy',
  8: 'readonly',
  10: 'io',
  11: 'corrupt',
  13: 'full',
  14: 'cannot_open',
  26: 'corrupt',
} as const satisfies Readonly<Record<number, string>>;

export type SqliteCode = (typeof CODES)[keyof typeof CODES] | 'other';

const BETTER_CODES: Readonly<Record<string, SqliteCode>> = {
  BUSY: 'busy',
  LOCKED: 'busy',
  READONLY: 'readonly',
  IOERR: 'io',
  CORRUPT: 'corrupt',
  FULL: 'full',
  CANTOPEN: 'cannot_open',
  NOTADB: 'corrupt',
};

/**
 * What SQLite said, the same word for both engines. node:sqlite throws `errcode`, an extended code whose low byte is
 * the primary one; better-sqlite3 throws `code: 'SQLITE_IOERR_WRITE'`, or a TypeError where the folder is missing.
 */
export function sqliteCode(thrown: unknown): SqliteCode {
  // What failed, and then its rollback: SQLite had rolled back by itself.
  if (thrown instanceof AggregateError) return sqliteCode(thrown.errors[0]);
  if (!(thrown instanceof Error)) return 'other';
  if ('errcode' in thrown && typeof thrown.errcode === 'number') return primaryCode(thrown.errcode & 0xff);
  if (thrown.message.includes('directory does not exist')) return 'cannot_open';
  if (!('code' in thrown) || typeof thrown.code !== 'string') return 'other';
  return BETTER_CODES[thrown.code.split('_')[1] ?? ''] ?? 'other';
}

function primaryCode(code: number): SqliteCode {
  return code in CODES ? CODES[code as keyof typeof CODES] : 'other';
}
