// node:sqlite behind the adapter: no native build at all, where the runtime has it without a flag (Node 22.13).
import type { SqlRow, SqliteDatabase, SqliteEngine, SqliteStatement, SqlValue } from './engine.js';

// The parts of node:sqlite that are used: @types/node of the oldest supported Node doesn't know the module.
interface NodeStatement {
  run(...parameters: readonly SqlValue[]): { readonly changes: number | bigint };
  get(...parameters: readonly SqlValue[]): SqlRow | undefined;
  all(...parameters: readonly SqlValue[]): SqlRow[];
  iterate(...parameters: readonly SqlValue[]): Iterable<SqlRow>;
}
interface NodeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NodeStatement;
  close(): void;
}
interface NodeSqlite {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => NodeDatabase;
}

/** Rejects where this Node has no node:sqlite. */
export async function nodeSqlite(): Promise<SqliteEngine> {
  // An import() would not compile against the oldest Node's types, and throws where a flag would be needed.
  const builtin = process.getBuiltinModule('node:sqlite');
  if (builtin === undefined) throw new Error(`Node ${process.version} has no node:sqlite`);
  const { DatabaseSync } = builtin as NodeSqlite;
  return Promise.resolve({
    name: 'node:sqlite',
    open: (path, { readOnly = false } = {}) => wrapDatabase(new DatabaseSync(path, { readOnly })),
  });
}

function wrapDatabase(database: NodeDatabase): SqliteDatabase {
  return {
    exec: (sql) => {
      database.exec(sql);
    },
    prepare: (sql) => wrapStatement(database.prepare(sql)),
    close: () => {
      database.close();
    },
  };
}

function wrapStatement(statement: NodeStatement): SqliteStatement {
  return {
    run: (...parameters) => Number(statement.run(...parameters).changes),
    get: (...parameters) => statement.get(...parameters),
    all: (...parameters) => statement.all(...parameters),
    iterate: (...parameters) => statement.iterate(...parameters),
  };
}
