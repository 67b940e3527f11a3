// Waiting on the clock that everybody shares.
import type { Clock } from '../shared/ports.js';

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
