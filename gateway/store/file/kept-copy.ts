// The store's file as it was before a newer version of the gateway changes it: whoever goes back to the older version has it.
import { chmodSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GatewayError } from '../../../shared/errors.js';
import { copyInto } from '../sqlite/copy.js';
import type { SqliteDatabase } from '../sqlite/engine.js';

/** What must be free beside the copy: the change itself needs room, and then samples do. */
const SPARE_BYTES = 50 * 1024 * 1024;
const COPY_SUFFIX = /^\.v\d+(\.part)?$/;

/** `store.sqlite.v3`. */
export function copyName(path: string, version: number): string {
  return `${path}.v${String(version)}`;
}

/**
 * Makes it, on disk when it returns, in place of those of other versions. Not where an empty file of its name lies there: so
 * somebody says that he has a copy elsewhere. Gives its path, or undefined where none was made. Throws store_full.
 */
export function keepCopy(
  database: SqliteDatabase,
  { path, version }: { readonly path: string; readonly version: number },
  freeBytes = freeBytesOf,
): string | undefined {
  const copy = copyName(path, version);
  if (statSync(copy, { throwIfNoEntry: false })?.size === 0) return undefined;
  const neededBytes = usedBytes(database) + SPARE_BYTES;
  const free = freeBytes(dirname(path));
  if (free < neededBytes) throw noRoom(path, copy, { neededBytes, free });
  const part = `${copy}.part`;
  copyInto(database, part);
  chmodSync(part, statSync(path).mode & 0o777);
  renameSync(part, copy);
  dropOthers(path, copy);
  return copy;
}

function noRoom(
  path: string,
  copy: string,
  { neededBytes, free }: { readonly neededBytes: number; readonly free: number },
): GatewayError {
  const mb = (bytes: number): string => `${String(Math.ceil(bytes / 1e6))} MB`;
  return new GatewayError(
    'store_full',
    `${path} is of an older version, and there is no room for the copy that is kept before it is changed: ${mb(neededBytes)} are needed, ${mb(free)} are free. ` +
      `Free space and start again; or write a backup to another disk (the command backup) and say so by an empty file: touch ${copy}`,
  );
}

function usedBytes(database: SqliteDatabase): number {
  const row = database
    .prepare(
      `SELECT (page_count - freelist_count) * page_size AS bytes
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    )
    .get();
  return Number(row?.['bytes']);
}

/** One copy is enough: it is of the version that ran last. */
function dropOthers(path: string, copy: string): void {
  const name = basename(path);
  for (const other of readdirSync(dirname(path))) {
    const isCopy = other.startsWith(name) && COPY_SUFFIX.test(other.slice(name.length));
    if (isCopy && other !== basename(copy)) rmSync(join(dirname(path), other), { force: true });
  }
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** What the log says of it. */
export function upgradeSentence(copy: string | undefined): string {
  return copy === undefined
    ? "the store's file was changed to the present version; no copy of it was kept, as wished"
    : `the store's file was changed to the present version; as it was before it is kept as ${basename(copy)}, to go back to the older gateway with`;
}
