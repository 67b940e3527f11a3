// Which time a sample has, and what that is worth: decided here, for whoever sent it. What comes with a run is moved when
// the clock of that run is set (gateway/store/history/clock-correction.ts); nothing else ever is. Pure.
//
//   who gave it          ts                       the sample has
//   this clock, now      (reading, or no ts)      that time; while the clock is doubted, marked, and with its run
//   this clock, earlier  of an older stretch      moved to the clock of now, `corrected`
//   another clock        was set, or near ours    that time, and the mark it came with
//                        never set                the time of its arrival, marked `unsynchronised`
//                        beyond every clock       none: bad_payload
import { GatewayError } from '../../shared/errors.js';
import { areNear, isOfSetClock } from '../../shared/moment.js';
import type { ClockMark, IncomingSample } from '../../shared/sample.js';
import { lateBy, stretchOf, type Clocks, type Stretches } from './clock-stretches.js';

/** What an incoming sample keeps of it. */
export type SampleTime = Pick<IncomingSample, 'ts' | 'clock' | 'run'>;

export interface GivenTime {
  /**
   * `reading`: read here a moment ago, by the clock of this process. `own`: a sample of this run, which had its time
   * before. `client`: whoever sent it.
   */
  readonly by: 'reading' | 'own' | 'client';
  /** Epoch ms; where it is absent, the sample was taken when it arrived. */
  readonly ts?: number | undefined;
  readonly clock?: ClockMark | undefined;
  /** Of a client's sample with an identity. One of this run comes back from a broker. */
  readonly boot?: string | undefined;
}

/** This process and its clock. */
export interface OwnClock {
  readonly boot: string;
  readonly clocks: Clocks;
  /** Up to date: a jump that `clocks` show has begun a stretch. At least one. */
  readonly stretches: Stretches;
}

/**
 * Whole milliseconds: MongoDB keeps no fractions, and what differs in them would change its place on the way there. Throws
 * bad_payload for a client's time that lies beyond every clock.
 */
export function timeOf({ by, ts, clock, boot }: GivenTime, own: OwnClock): SampleTime {
  if (ts === undefined || by === 'reading') return byThisClock(Math.floor(ts ?? own.clocks.wallTs), own);
  const given = { ts: Math.floor(ts), ...(clock === undefined ? {} : { clock }) };
  const isOfThisRun = by === 'own' || boot === own.boot;
  if (isOfThisRun && clock === 'unsynchronised') {
    const late = ofThisRun(given.ts, own);
    if (late !== undefined) return late;
  }
  return by === 'own' ? given : byTheirClock(given, own);
}

function byThisClock(ts: number, own: OwnClock): SampleTime {
  const isDoubted = own.stretches.at(-1)?.isDoubted === true;
  return ofThisRun(ts, own, isDoubted) ?? (isDoubted ? { ts, clock: 'unsynchronised' } : { ts });
}

/** What this clock showed at some time of this run; undefined where it never showed that. */
function ofThisRun(ts: number, { stretches, clocks }: OwnClock, isMarked = true): SampleTime | undefined {
  const stretch = stretchOf(stretches, ts, clocks);
  if (stretch === undefined) return undefined;
  const lateMs = lateBy(stretches, stretch);
  if (lateMs !== 0) return { ts: ts + lateMs, clock: 'corrected' };
  if (!isMarked) return { ts };
  // Of an older stretch that needed no correction there comes none any more.
  const mayBeMoved = stretch.isDoubted && stretch === stretches.at(-1);
  return { ts, clock: 'unsynchronised', ...(mayBeMoved ? { run: stretch.run } : {}) };
}

/**
 * Of a sender whose clock was never set it is the time of its arrival: filed in 1970 it would be deleted as too old, with
 * its acknowledgement given. Where this clock was never set either there is no judging by it.
 */
function byTheirClock(given: SampleTime & { readonly ts: number }, own: OwnClock): SampleTime {
  const { ts } = given;
  const { wallTs } = own.clocks;
  if (isOfSetClock(ts) || areNear(ts, wallTs)) return given;
  if (ts > wallTs)
    throw new GatewayError(
      'bad_payload',
      `ts: ${String(ts)} is in the year ${yearOf(ts)}; times are epoch milliseconds.`,
    );
  if (!isOfSetClock(wallTs)) return given;
  return { ...byThisClock(Math.floor(wallTs), own), clock: 'unsynchronised' };
}

function yearOf(ts: number): string {
  return String(new Date(ts).getUTCFullYear());
}
