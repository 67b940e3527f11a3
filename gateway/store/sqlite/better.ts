// better-sqlite3 behind the adapter: an optional dependency, imported only where it is chosen.
import type BetterSqlite3 from 'better-sqlite3';
import type { SqlRow, SqliteDatabase, SqliteEngine, SqliteStatement, SqlValue } from './engine.js';

type Statement = BetterSqlite3.Statement<SqlValue[], SqlRow>;

/** Rejects where the package is not installed; its binary is only tried at the first `open`. */
export async function betterSqlite3(): Promise<SqliteEngine> {
  const { default: Database } = await import('better-sqlite3');
  return {
    name: 'better-sqlite3',
    open: (path, { readOnly = false } = {}) =>
      // timeout 0 as in node:sqlite: who wants to wait for a lock sets the busy_timeout pragma.
      wrapDatabase(new Database(path, { readonly: readOnly, fileMustExist: readOnly, timeout: 0 })),
  };
}

function wrapDatabase(database: BetterSqlite3.Database): SqliteDatabase {
  return {
    exec: (sql) => {
      database.exec(sql);
    },
    prepare: (sql) => wrapStatement(database.prepare<SqlValue[], SqlRow>(sql)),
    close: () => {
      database.close();
    },
  };
}

function wrapStatement(statement: Statement): SqliteStatement {
  return {
    run: (...parameters) => statement.run(...parameters).changes,
    get: (...parameters) => statement.get(...parameters),
    all: (...parameters) => statement.all(...parameters),
    iterate: (...parameters) => statement.iterate(...parameters),
  };
}
