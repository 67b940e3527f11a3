// Ends what nobody comes back for: sessions whose client stays away, and messages that waited too long for one.
import type { Clock } from '../../../shared/ports.js';

export interface ExpiryLimits {
  readonly sessionExpiryMs: number;
  readonly maxQueuedAgeMs: number;
}

export interface Away {
  readonly clientId: string;
  readonly awayMs: number;
  /** How long it is to last at most, by its client. */
  readonly keptForMs: number;
}

export interface ExpiringStore {
  /** Notes who is there, and that time has passed. */
  alive(): void;
  /** Sessions of clients that are not there. */
  away(): Iterable<Away>;
  expireSession(clientId: string): void;
  /** Takes messages out that have waited longer for clients that are away. */
  expireQueued(olderThanMs: number): void;
  /** Takes retained messages out whose time is over. */
  expireRetained(): void;
}

const MOST_BETWEEN_MS = 60_000;

export class SessionExpiry {
  readonly #store: ExpiringStore;
  readonly #limits: ExpiryLimits;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #nextMs = 0;
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
    this.#lookIn(Math.min(MOST_BETWEEN_MS, sessionExpiryMs / 10, maxQueuedAgeMs / 10));
    for (const { awayMs, keptForMs } of this.#store.away()) this.endsIn(Math.max(0, keptForMs - awayMs));
  }

  /** A client has left whose session is to last so long. */
  endsIn(ms: number): void {
    if (this.#cancel !== undefined && this.#clock.monotonicMs() + ms < this.#nextMs) this.#lookIn(ms);
  }

  #lookIn(ms: number): void {
    this.#cancel?.();
    this.#nextMs = this.#clock.monotonicMs() + ms;
    this.#cancel = this.#clock.after(ms, () => {
      this.#sweep();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#store.alive();
  }

  #sweep(): void {
    const { sessionExpiryMs, maxQueuedAgeMs } = this.#limits;
    this.#store.alive();
    for (const { clientId, awayMs, keptForMs } of [...this.#store.away()]) {
      if (awayMs < Math.min(sessionExpiryMs, keptForMs)) continue;
      this.#store.expireSession(clientId);
      this.#expired++;
    }
    this.#store.expireQueued(maxQueuedAgeMs);
    this.#store.expireRetained();
  }
}
