// The page's only timers and its clock: waits are constants of the page, and the clock is the one on the visitor's wall.

/** Calls back every second; returns what ends it. */
export function everySecond(call: () => void): () => void {
  const timer = setInterval(call, 1000);
  return () => {
    clearInterval(timer);
  };
}

/** Calls back once after `ms`, a constant; returns what calls it off. */
export function afterMs(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => {
    clearTimeout(timer);
  };
}

/**
 * Has `nextFrame` call back, but not sooner than `apartMs` after the time before: a browser lays out and paints all of a page for
 * each value that changes alone, and many together cost no more.
 */
export function apart(apartMs: number, nextFrame: (call: () => void) => void): (call: () => void) => void {
  let last = -Infinity;
  return (call) => {
    const go = (): void => {
      nextFrame(() => {
        last = wallNow();
        call();
      });
    };
    // A clock that was set back is no reason to wait.
    const since = Math.abs(wallNow() - last);
    if (since >= apartMs) go();
    else setTimeout(go, apartMs - since);
  };
}

/** Epoch ms. */
export function wallNow(): number {
  return Date.now();
}

/** How long ago `ts` (epoch ms of a gateway's clock) is; 0 where it is ahead. */
export function ageMs(ts: number, skewMs: number): number {
  return Math.max(0, wallNow() - skewMs - ts);
}
