// What happens to new samples when there is no room for them: they are refused, or the oldest that wait make room.
import type { WhenFull } from '../../../shared/config/config.js';
import { GatewayError } from '../../../shared/errors.js';
import type { DiskRoom, Shortage } from './disk-room.js';
import type { HistoryPruner } from '../history/pruner.js';
import type { OutboxRows } from '../outbox/outbox.js';
import type { IncomingRow } from '../rows/sample.js';

const SENTENCES: Readonly<Record<Shortage, string>> = {
  disk: 'The disk is full: less is free than recorder.min_free asks for. Free space.',
  size: 'The store is full: its file has reached recorder.max_size.',
};

export interface Room {
  readonly outbox: OutboxRows;
  readonly pruner: HistoryPruner;
  readonly room: DiskRoom;
  readonly whenFull: WhenFull;
}

/** What has been delivered long ago goes before anything new is refused: rows a call, while there is a shortage. */
const GIVE_WAY_ROWS = 500;

/** Of a row beside its body, about. */
const ROW_BYTES = 100;

function bytesOf(rows: readonly IncomingRow[]): number {
  return rows.reduce((sum, { body }) => sum + Buffer.byteLength(body) + ROW_BYTES, 0);
}

/** Why not so much may come, where the history could not give way for it either. */
export function shortageBesideHistory(
  { room, pruner }: Pick<Room, 'room' | 'pruner'>,
  bytes: number,
): Shortage | undefined {
  const shortage = room.shortage();
  if (shortage === undefined || pruner.makeRoom(GIVE_WAY_ROWS) === 0) return shortage;
  // Rows differ in size: what comes may be a thousand times what went.
  while (!room.fits(bytes)) if (pruner.makeRoom(GIVE_WAY_ROWS) === 0) return shortage;
  return undefined;
}

const MORE = 1.125;

/** Appends, all of them or none. How many waiting samples were dropped for it; throws store_full where it is refused. */
export function appendWithin(
  store: Room,
  rows: readonly IncomingRow[],
  { acceptedTs, lazily }: Pick<Appended, 'acceptedTs' | 'lazily'>,
): number {
  const { outbox, whenFull } = store;
  const bytes = bytesOf(rows);
  const shortage = shortageBesideHistory(store, bytes);
  const excess = outbox.excess(rows.length);
  // Somewhat more than comes in, in rows and in bytes: what is over a limit shall get below it.
  const toDrop = Math.max(excess, shortage === undefined ? 0 : Math.ceil(rows.length * MORE));
  if (toDrop > 0 && (whenFull === 'refuse' || excess > outbox.depth)) {
    const waiting = `The outbox is full: ${String(outbox.depth)} samples wait in it.`;
    throw new GatewayError('store_full', shortage === undefined ? waiting : SENTENCES[shortage]);
  }
  const dropped = toDrop > 0 ? outbox.dropOldest(toDrop, shortage === undefined ? 0 : bytes * MORE) : 0;
  outbox.append(rows, acceptedTs, lazily);
  return dropped;
}

/**
 * As a dead letter. How many of these were dropped: where samples make room for newer ones none of them does for what is no
 * sample, which is dropped itself. Throws store_full where what comes is refused.
 */
export function buryWithin(store: Room, row: IncomingRow, reason: string, acceptedTs: number): number {
  const shortage = shortageBesideHistory(store, bytesOf([row]));
  if (shortage === undefined) return store.outbox.bury(row, reason, acceptedTs);
  if (store.whenFull === 'refuse') throw new GatewayError('store_full', SENTENCES[shortage]);
  return 1;
}

/** How many rows each append has, and what they have in common. */
export interface Appended {
  readonly sizes: readonly number[];
  readonly acceptedTs: number;
  /** Nobody waits for them to be on the disk: to have left the process is enough for now. */
  readonly lazily: boolean;
}

/** Each append for itself, as they were asked: what `appendWithin` gave, or the store_full that it threw. */
export function appendRun(
  store: Room,
  rows: readonly IncomingRow[],
  appended: Appended,
): (number | GatewayError)[] {
  const { sizes, acceptedTs, lazily } = appended;
  const isRoom = store.room.shortage() === undefined && store.room.fits(bytesOf(rows));
  if (isRoom && store.outbox.excess(rows.length) === 0) {
    store.outbox.append(rows, acceptedTs, lazily);
    return sizes.map(() => 0);
  }
  let from = 0;
  return sizes.map((size) => {
    const own = rows.slice(from, from + size);
    from += size;
    try {
      return appendWithin(store, own, appended);
    } catch (thrown) {
      // A refusal comes before anything is written; what SQLite throws concerns the whole run.
      if (thrown instanceof GatewayError) return thrown;
      throw thrown;
    }
  });
}

/** Throws store_full where there is no room for what would be moved into the history. */
export function makeRoomForHistory(store: Pick<Room, 'room' | 'pruner'>): void {
  // What is over the file's own limit goes with the next prune.
  if (shortageBesideHistory(store, 0) === 'disk') throw new GatewayError('store_full', SENTENCES.disk);
}
