// How fast one client may publish. Beyond it nothing is lost: its messages pass later, and what it sends meanwhile waits in
// its own socket (reading.ts).
import type { Client } from 'aedes';
import type { Clock } from '../../../shared/ports.js';

export interface RateLimits {
  readonly maxPublishesPerSecond: number;
  readonly maxBytesPerSecond: number;
}

/** Whether anything is bounded at all. */
export function hasRate({ maxPublishesPerSecond, maxBytesPerSecond }: RateLimits): boolean {
  return Number.isFinite(maxPublishesPerSecond) || Number.isFinite(maxBytesPerSecond);
}

/** What was saved up by silence: a second's worth. */
const BURST_MS = 1000;

export class RateLimit {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  /** Until when the client's budget is spent. */
  readonly #spentUntilMs = new WeakMap<Client, number>();
  readonly #waiting = new Map<Client, () => void>();

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get isOn(): boolean {
    return hasRate(this.#limits);
  }

  /** Counts a message; a promise where it must wait for its turn. */
  take(client: Client, bytes: number): Promise<void> | undefined {
    const { maxPublishesPerSecond, maxBytesPerSecond } = this.#limits;
    const costMs = Math.max(1000 / maxPublishesPerSecond, (1000 * bytes) / maxBytesPerSecond);
    const now = this.#clock.monotonicMs();
    const spentUntil = Math.max(now, this.#spentUntilMs.get(client) ?? 0) + costMs;
    this.#spentUntilMs.set(client, spentUntil);
    const waitMs = spentUntil - now - BURST_MS;
    if (waitMs <= 0) return undefined;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(waitMs, () => {
        this.#waiting.delete(client);
        resolve();
      });
      this.#waiting.set(client, cancel);
    });
  }

  /** It has left: what waits for its turn goes with what is still in its socket. */
  closed(client: Client): void {
    this.#waiting.get(client)?.();
    this.#waiting.delete(client);
  }
}
