// Ends what nobody comes back for: sessions whose client stays away, and messages that waited too long for one.
import type { Clock } from '../../shared/ports.js';

export interface ExpiryLimits {
  readonly sessionExpiryMs: number;
  readonly maxQueuedAgeMs: number;
}

export interface ExpiringStore {
  /** Client ids of all sessions. */
  readonly sessionIds: Iterable<string>;
  isConnected(clientId: string): boolean;
  expireSession(clientId: string): void;
  /** Takes messages out that were queued before, for clients that are away. Epoch ms. */
  expireQueued(beforeTs: number): void;
}

const MOST_BETWEEN_MS = 60_000;

export class SessionExpiry {
  readonly #store: ExpiringStore;
  readonly #limits: ExpiryLimits;
  readonly #clock: Clock;
  /** When a session without its client was first seen so. */
  readonly #awaySinceMs = new Map<string, number>();
  #cancel: (() => void) | undefined;
  #expired = 0;

  constructor(store: ExpiringStore, limits: ExpiryLimits, clock: Clock) {
    this.#store = store;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Sessions it has ended. */
  get expired(): number {
    return this.#expired;
  }

  /** Looks now and then, often enough to be late by a tenth at most. */
  start(): void {
    const { sessionExpiryMs, maxQueuedAgeMs } = this.#limits;
    const everyMs = Math.min(MOST_BETWEEN_MS, sessionExpiryMs / 10, maxQueuedAgeMs / 10);
    this.#cancel = this.#clock.after(everyMs, () => {
      this.#sweep();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  #sweep(): void {
    const now = this.#clock.monotonicMs();
    const sessions = new Set(this.#store.sessionIds);
    for (const clientId of this.#awaySinceMs.keys())
      if (!sessions.has(clientId) || this.#store.isConnected(clientId)) this.#awaySinceMs.delete(clientId);
    for (const clientId of sessions) {
      if (this.#store.isConnected(clientId)) continue;
      const since = this.#awaySinceMs.get(clientId) ?? now;
      this.#awaySinceMs.set(clientId, since);
      if (now - since < this.#limits.sessionExpiryMs) continue;
      this.#store.expireSession(clientId);
      this.#expired++;
    }
    this.#store.expireQueued(this.#clock.now() - this.#limits.maxQueuedAgeMs);
  }
}
