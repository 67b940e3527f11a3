// Which moment retention counts from. Not the bare wall clock: set forward by mistake (a wrong NTP server, a battery,
// a hand), it would delete the whole history at the next prune. So time moves on evenly here, as the monotonic clock
// does, and a wall clock that is suddenly ahead is believed only when it has stayed ahead for days.

/** What a wall clock may gain without being doubted: drift, summer time set by hand, a short time switched off. */
const TOLERANCE_MS = 3_600_000;
const BELIEVED_AFTER_MS = 7 * 86_400_000;

export interface RetentionTime {
  /** Epoch ms; the history is as old as seen from here. */
  readonly trustedTs: number;
  /** What the wall clock said when it was first found ahead, while it is not believed. */
  readonly aheadSinceTs?: number;
}

/** `elapsedMs`: on the monotonic clock since the last step; 0 for the first of a process. */
export function stepRetention(last: RetentionTime, wallTs: number, elapsedMs: number): RetentionTime {
  const expected = last.trustedTs + elapsedMs;
  // Back is harmless: it only deletes less.
  if (wallTs <= expected + TOLERANCE_MS) return { trustedTs: wallTs };
  const aheadSinceTs = Math.min(wallTs, last.aheadSinceTs ?? wallTs);
  if (wallTs - aheadSinceTs >= BELIEVED_AFTER_MS) return { trustedTs: wallTs };
  return { trustedTs: expected, aheadSinceTs };
}
