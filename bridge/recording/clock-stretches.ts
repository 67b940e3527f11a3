// What the wall clock has shown in this run: stretches in which it ran evenly with the monotonic one, which never jumps. A
// jump begins a new stretch, and so does the moment from which the clock is believed. Pure; told by who reads the clocks.

export interface Stretch {
  /** The run of the process and the number of the stretch in it: what stores call it. */
  readonly run: string;
  /** On the monotonic clock; it lasts until the next one begins. */
  readonly fromMs: number;
  /** What the wall clock shows more than the monotonic one. */
  readonly aheadMs: number;
  /** Its times may be moved. */
  readonly isDoubted: boolean;
}

/** Both clocks, read together. */
export interface Clocks {
  /** Epoch ms. */
  readonly wallTs: number;
  readonly monotonicMs: number;
}

/** Oldest first; the last one goes on. */
export type Stretches = readonly Stretch[];

/** Less is NTP's slewing, or two clocks read one after the other on a busy machine; it moves no sample. */
const JUMP_MS = 2000;
/** A jump is noticed so much later than it was, and a sample's time taken so much earlier than it is looked at. */
const SLACK_MS = 2000;
/** Remembered for samples that arrive late. A clock that jumps more often has none worth believing. */
const MOST_STRETCHES = 32;

/** By how much the wall clock has jumped since it was last read; 0 where it ran evenly. */
export function jumpSince(stretches: Stretches, { wallTs, monotonicMs }: Clocks): number {
  const last = stretches.at(-1);
  const offsetMs = last === undefined ? 0 : Math.round(wallTs - monotonicMs - last.aheadMs);
  return Math.abs(offsetMs) < JUMP_MS ? 0 : offsetMs;
}

/** Reading both clocks takes its time, too. */
const NOISE_MS = 20;

/** It has not jumped: what it was slewed by meanwhile is no jump later on either. */
export function evenUntil(stretches: Stretches, { wallTs, monotonicMs }: Clocks): Stretches {
  const last = stretches.at(-1);
  const aheadMs = wallTs - monotonicMs;
  if (last === undefined || Math.abs(aheadMs - last.aheadMs) < NOISE_MS) return stretches;
  return [...stretches.slice(0, -1), { ...last, aheadMs }];
}

/** From now on. */
export function withNext(
  stretches: Stretches,
  { wallTs, monotonicMs }: Clocks,
  next: Pick<Stretch, 'run' | 'isDoubted'>,
): Stretches {
  const stretch = { ...next, fromMs: monotonicMs, aheadMs: wallTs - monotonicMs };
  return [...stretches, stretch].slice(-MOST_STRETCHES);
}

/** Which one showed this time while it lasted? The newest that did is believed. */
export function stretchOf(stretches: Stretches, ts: number, { monotonicMs }: Clocks): Stretch | undefined {
  let endMs = monotonicMs;
  for (let index = stretches.length - 1; index >= 0; index -= 1) {
    const stretch = stretches[index];
    if (stretch === undefined) break;
    const atMs = ts - stretch.aheadMs;
    if (atMs > stretch.fromMs - SLACK_MS && atMs < endMs + SLACK_MS) return stretch;
    endMs = stretch.fromMs;
  }
  return undefined;
}

/** What a time of this stretch is later by on the clock that was believed after it, or at least is the newest. */
export function lateBy(stretches: Stretches, stretch: Stretch): number {
  if (!stretch.isDoubted) return 0;
  const after = stretches.slice(stretches.indexOf(stretch) + 1);
  const right = after.find(({ isDoubted }) => !isDoubted) ?? after.at(-1);
  return right === undefined ? 0 : Math.round(right.aheadMs - stretch.aheadMs);
}
