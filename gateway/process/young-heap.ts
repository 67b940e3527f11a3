// V8 lets the space for new objects grow to 32 MB and more, once it has grown it stays so, and a gateway that reads some
// hundred samples a second needs two. So it may not grow until there is a flood.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';

/** A gateway at 700 samples a second collects ten times; one that hands out 100,000 messages, a hundred times. */
const MOST_A_SECOND = 30;
const SECOND_MS = 1000;

/** From now on, for as long as the process makes no more garbage than so. Node 20, 22, 24 and 26 read this flag at each growth. */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  let [sinceMs, collected] = [performance.now(), 0];
  const observer = new PerformanceObserver((list) => {
    const nowMs = performance.now();
    if (nowMs - sinceMs > SECOND_MS) [sinceMs, collected] = [nowMs, 0];
    for (const entry of list.getEntries()) if (isOfYoung(entry)) collected += 1;
    if (collected <= MOST_A_SECOND) return;
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
