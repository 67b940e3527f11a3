// Moves what was restored to where it belongs, and what was there before aside: all of it, or nothing.
//
// Synchronous, so that no signal comes in between: it is a handful of names that change.
import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { GatewayError } from '../../shared/errors.js';
import { whyOf } from '../process/why.js';

export interface Move {
  readonly from: string;
  readonly to: string;
}

/** `store.sqlite` → `store.sqlite.before-restore-2026-11-23T01-02-03Z`. */
export function asideName(path: string, now: Date): string {
  const stamp = now.toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
  const aside = `${path}.before-restore-${stamp}`;
  let name = aside;
  for (let again = 2; existsSync(name); again += 1) name = `${aside}-${String(again)}`;
  return name;
}

/**
 * One after the other; where one cannot be done those before it are taken back, and `onTakenBack` is called. Throws
 * data_unwritable.
 */
export function moveAll(moves: readonly Move[], onTakenBack: () => void): void {
  const done: Move[] = [];
  try {
    for (const move of moves) {
      renameSync(move.from, move.to);
      done.push(move);
    }
    for (const folder of new Set(moves.map(({ to }) => dirname(to)))) syncFolder(folder);
  } catch (thrown) {
    takeBack(done, thrown);
    onTakenBack();
    const why = whyOf(thrown);
    throw new GatewayError('data_unwritable', `Nothing was restored, and all is as it was: ${why}.`, {
      cause: thrown,
    });
  }
}

function takeBack(done: readonly Move[], cause: unknown): void {
  try {
    for (const { from, to } of done.toReversed()) renameSync(to, from);
  } catch (thrown) {
    const why = whyOf(thrown);
    throw new GatewayError(
      'data_unwritable',
      `The restore broke off and could not be taken back (${why}): what was there before lies beside it, *.before-restore-*. Do it again, with --force.`,
      { cause: new AggregateError([cause, thrown], 'the restore and its taking back') },
    );
  }
}

function syncFolder(folder: string): void {
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
