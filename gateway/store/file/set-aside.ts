// A damaged file is moved out of the way under a name with the date, whole, and a new one begins: the gateway starts
// whatever the disk did, and what can still be saved out of the old file is there to be saved.
import { existsSync, renameSync } from 'node:fs';
import { basename } from 'node:path';

/** SQLite's own companions: without its WAL the file would lack the newest commits. */
const COMPANIONS = ['-wal', '-shm'];

/** The path under which the file now lies: `store.sqlite.damaged-2026-11-23T01-02-03Z`. */
export function setAside(path: string, now: Date): string {
  const aside = asideName(path, now);
  for (const suffix of COMPANIONS) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  renameSync(path, aside);
  return aside;
}

/** A name that nothing has. */
export function asideName(path: string, now: Date): string {
  const stamp = now.toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
  let aside = `${path}.damaged-${stamp}`;
  for (let again = 2; existsSync(aside); again += 1) aside = `${path}.damaged-${stamp}-${String(again)}`;
  return aside;
}

/** What people read: where the file lies, and how to look into it. */
export function asideSentence(aside: string): string {
  return `The store's file was damaged. It was set aside as ${basename(aside)} and a new one begun: samples that waited in it were not delivered. Try: sqlite3 ${basename(aside)} .recover`;
}
