// How fast one client may publish. Beyond it nothing is lost: its messages pass later, and what it sends meanwhile waits in
// its own socket (aedes reads on when what it has read has passed).
import type { Client } from 'aedes';
import type { Clock } from '../../shared/ports.js';

export interface RateLimits {
  readonly maxPublishesPerSecond: number;
  readonly maxBytesPerSecond: number;
}

/** What was saved up by silence: a second's worth. */
const BURST_MS = 1000;

export class RateLimit {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  /** Until when the client's budget is spent. */
  readonly #spentUntilMs = new WeakMap<Client, number>();

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get isOn(): boolean {
    return (
      Number.isFinite(this.#limits.maxPublishesPerSecond) || Number.isFinite(this.#limits.maxBytesPerSecond)
    );
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
      this.#clock.after(waitMs, resolve);
    });
  }
}
