// The samples ahead of the tables as a kill, a power cut or damage has left them.
import { constants, copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { asideName } from './set-aside.js';
import type { SampleRow } from '../rows/sample.js';
import { Ahead } from '../ahead/ahead.js';
import { AheadFile } from '../ahead/file.js';
import { LineWriter, readLines, type ReadLines } from '../ahead/lines.js';
import { identified, type AheadRow } from '../ahead/row.js';

/** A gateway's own has a few MB and what one turn brings. */
const NO_FILE_OF_OURS_BYTES = 256 * 1024 * 1024;

export interface OpenedAhead {
  readonly ahead: Ahead;
  /** Where a damaged one lies now; what of it can be read is kept. */
  readonly setAside?: string;
}

/** Throws what the file system throws; then everything lies where it lay. */
export function openAhead(path: string, now: Date, emptyFromBytes?: number): OpenedAhead {
  rmSync(`${path}.new`, { force: true });
  const file = new AheadFile(path);
  const text = file.bytes > NO_FILE_OF_OURS_BYTES ? undefined : file.text();
  const found = readLines(text ?? '');
  if (text !== undefined && isSound(text, found)) {
    file.cutTo(Buffer.byteLength(text.slice(0, found.wholeChars)));
    return { ahead: new Ahead(file, found, emptyFromBytes) };
  }
  try {
    const writer = new LineWriter(0);
    const aside = asideName(path, now);
    copyAside(path, aside);
    file.replace(writer.begin() + writer.rows(found.rows));
    file.sync();
    return { ahead: new Ahead(file, { rows: found.rows, writer }, emptyFromBytes), setAside: aside };
  } catch (thrown) {
    file.close();
    throw thrown;
  }
}

/** Not moved: wherever this is cut off, the next start finds it again. */
function copyAside(path: string, aside: string): void {
  try {
    copyFileSync(path, aside, constants.COPYFILE_EXCL);
  } catch (thrown) {
    rmSync(aside, { force: true });
    throw thrown;
  }
}

/** For who only looks, while a gateway writes or after it: what the file says at this moment. */
export function readAhead(path: string, storeId: string): readonly SampleRow[] {
  return rowsAhead(path).map((row) => identified(row, storeId));
}

/** The same, without the identity of those that came without one. */
export function rowsAhead(path: string): readonly AheadRow[] {
  return existsSync(path) ? readLines(readFileSync(path, 'utf8')).rows : [];
}

/** Where a power cut came in the middle of a line there is nothing behind it, and nobody was promised that line. */
function isSound(text: string, { writer, damaged }: ReadLines): boolean {
  return damaged === 0 && (writer !== undefined || !text.includes('\n'));
}

/** What people read. */
export function aheadSentence(aside: string): string {
  return `The file of the newest samples was damaged: what could be read of it is kept. It was set aside as ${basename(aside)}; its lines are JSON behind a checksum.`;
}
