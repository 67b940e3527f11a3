// What may be deleted, in one place: for samples here and in MongoDB, and for the logbook. Told both clocks, the room on
// the disk and in the file, and the policy. A sample goes by age when it is older than `keep` on the wall clock *and* by
// the monotonic one: so a clock that is set wrong, however far and however long, deletes nothing that is young.
import type { WhenFull } from '../../../shared/config/config.js';
import { upMsOf, type ClockRecord, type EvenStretch } from './clock-record.js';

/** Times on the wall, epoch ms: from the first up to, and without, the last. */
export interface Range {
  readonly fromTs: number;
  readonly toTs: number;
}

export interface PruneStep {
  /** Samples taken in these times go. */
  readonly ranges: readonly Range[];
  /** At most this many samples in one step. */
  readonly chunkRows: number;
}

/** The clocks are read every minute, and what they said is on disk every ten: a sample of the last minutes may lie behind a stretch's end. */
const MARGIN_MS = 3_600_000;
const MARGIN_SHARE = 1 / 24;

/**
 * The ranges of time in which everything may go, oldest first. What lies in no stretch (a client's own times, the time
 * that the gateway was off) is as old as its distance to the next stretch behind it says.
 */
export function mayGoByAge(record: ClockRecord, keepMs: number): readonly Range[] {
  const last = record.stretches.at(-1);
  if (last === undefined) return [];
  const oldestUpMs = upMsOf(record) - keepMs;
  const marginMs = Math.min(MARGIN_MS, keepMs * MARGIN_SHARE);
  const covered = record.stretches.map(({ fromTs, toTs }): Range => ({
    fromTs: fromTs - marginMs,
    toTs: toTs + marginMs,
  }));
  const young = record.stretches.flatMap((stretch) => youngOf(stretch, oldestUpMs, marginMs));
  const before = record.stretches.flatMap((stretch) => youngBefore(stretch, oldestUpMs));
  const spared = [...young, ...without(before, covered)];
  return without([{ fromTs: Number.NEGATIVE_INFINITY, toTs: last.toTs - keepMs }], spared);
}

function youngOf(
  { fromTs, toTs, fromUpMs, toUpMs }: EvenStretch,
  oldestUpMs: number,
  marginMs: number,
): Range[] {
  if (toUpMs + marginMs <= oldestUpMs) return [];
  // Two that became one don't tell what was when.
  const isEven = Math.abs(toTs - fromTs - (toUpMs - fromUpMs)) <= 2000;
  const youngest = isEven ? toTs - (toUpMs - oldestUpMs) : fromTs;
  return [{ fromTs: Math.max(fromTs, youngest) - marginMs, toTs: toTs + marginMs }];
}

function youngBefore({ fromTs, fromUpMs }: EvenStretch, oldestUpMs: number): Range[] {
  return fromUpMs <= oldestUpMs ? [] : [{ fromTs: fromTs - (fromUpMs - oldestUpMs), toTs: fromTs }];
}

/** What is left of `ranges`, in order, joined where they touch. */
function without(ranges: readonly Range[], taken: readonly Range[]): Range[] {
  const cuts = joined(taken);
  return joined(ranges).flatMap(({ fromTs, toTs }) => {
    const left: Range[] = [];
    let at = fromTs;
    for (const cut of cuts) {
      if (cut.toTs <= at || cut.fromTs >= toTs) continue;
      if (cut.fromTs > at) left.push({ fromTs: at, toTs: cut.fromTs });
      at = cut.toTs;
    }
    if (at < toTs) left.push({ fromTs: at, toTs });
    return left;
  });
}

function joined(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.fromTs - b.fromTs)) {
    const last = all.at(-1);
    if (last !== undefined && range.fromTs <= last.toTs)
      all[all.length - 1] = { fromTs: last.fromTs, toTs: Math.max(last.toTs, range.toTs) };
    else all.push(range);
  }
  return all;
}

export interface RoomFacts {
  /** The file is about to hold what it may. */
  readonly nearsItsSize: boolean;
  /** Less is free on the disk than is asked for, and the file has little to reuse. */
  readonly diskIsShort: boolean;
}

/**
 * Whether the oldest may go however young it is. Without MongoDB the history is where samples are kept for good: a disk
 * that others filled must not empty it, unless the oldest were chosen to go.
 */
export function mayGoForRoom({ nearsItsSize, diskIsShort }: RoomFacts, whenFull: WhenFull): boolean {
  return nearsItsSize || (whenFull === 'drop-oldest' && diskIsShort);
}
