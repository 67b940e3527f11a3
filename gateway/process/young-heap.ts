// V8 lets the space for new objects grow to 32 MB and more, once it has grown it stays so, and a gateway that reads some
// hundred samples a second needs two. So it may not grow until there is a flood.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';

/** A gateway at 700 samples a second collects ten times; one that hands out 100,000 messages, a hundred times. */
const MOST_A_SECOND = 30;
const SECOND_MS = 1000;
/** A start makes as much garbage as a flood, and is over sooner. */
const FLOOD_SECONDS = 5;

/** From now on, until a flood has lasted for so long. Node 20, 22, 24 and 26 read this flag at each growth. */
export function keepYoungHeapSmall(floodSeconds = FLOOD_SECONDS): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  let [sinceMs, collected, flooded] = [performance.now(), 0, 0];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (isOfYoung(entry)) collected += 1;
    const seconds = (performance.now() - sinceMs) / SECOND_MS;
    if (seconds < 1) return;
    flooded = collected / seconds > MOST_A_SECOND ? flooded + seconds : 0;
    [sinceMs, collected] = [performance.now(), 0];
    if (flooded < floodSeconds) return;
    setFlagsFromString('--semi-space-growth-factor=2');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}

function isOfYoung(entry: object): boolean {
  const kind = constants.NODE_PERFORMANCE_GC_MINOR;
  const detail: unknown = 'detail' in entry ? entry.detail : undefined;
  return typeof detail === 'object' && detail !== null && 'kind' in detail && detail.kind === kind;
}
