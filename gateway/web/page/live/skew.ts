// How much this machine's clock is ahead of a gateway's, as far as messages tell.

/** Clocks that are so near are the same. */
const SAME_CLOCK_MS = 2000;

export interface Skew {
  /** 0 as long as nothing is known. */
  readonly skewMs: number;
  /** By what: nothing, a message that may be old, one that was made just then. */
  readonly skewBy: 'nothing' | 'guess' | 'now';
}

/**
 * After a message whose time was `aheadMs` before its arrival. One that was not made just then may be of any age, since a
 * broker that lost its memory is told old ones again; but none is from the future.
 */
export function skewAfter({ skewMs, skewBy }: Skew, aheadMs: number, wasMadeNow: boolean): Skew {
  const ahead = Math.abs(aheadMs) < SAME_CLOCK_MS ? 0 : aheadMs;
  const isBetter = wasMadeNow || skewBy === 'nothing' || ahead < skewMs;
  const isSame = Math.abs(ahead - skewMs) < SAME_CLOCK_MS;
  return {
    skewMs: isBetter && !isSame ? ahead : skewMs,
    skewBy: wasMadeNow ? 'now' : skewBy === 'nothing' ? 'guess' : skewBy,
  };
}
