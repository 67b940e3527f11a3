// How long the broker has lived, over restarts: the clock by which sessions and what waits for them grow old. It runs with
// monotonic time, so a wall clock that is set ends nothing; of the time between two runs it knows by the wall clock, and
// counts it where both ends can be true.
import type { Clock } from '../../../shared/ports.js';
import type { Fact } from './fact.js';

/** A clock that says less was not set yet: no gateway with this journal ran before. */
const EARLIEST_CREDIBLE_MS = Date.UTC(2026, 0, 1);

/** Expiry is in whole seconds. */
const NOTED_WITHIN_MS = 1000;

export class Lifetime {
  readonly #clock: Pick<Clock, 'now' | 'monotonicMs'>;
  #lifeMs = 0;
  #atMs: number;
  #notedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'now' | 'monotonicMs'>) {
    this.#clock = clock;
    this.#atMs = clock.monotonicMs();
  }

  /** Whole milliseconds. */
  now(): number {
    return Math.floor(this.#lifeMs + this.#clock.monotonicMs() - this.#atMs);
  }

  wallMs(): number {
    return this.#clock.now();
  }

  /** What expires does so over a restart, too: by a time that is written down, which this is, where that is due. */
  noteFor({ expiresMs }: { readonly expiresMs?: number | undefined }): Fact | undefined {
    const now = this.now();
    if (expiresMs === undefined || now - this.#notedMs < NOTED_WITHIN_MS) return undefined;
    this.#notedMs = now;
    return ['alive', now, this.wallMs()];
  }

  /** Goes on where an earlier run was at this time. */
  resume(lifeMs: number, wallMs: number): void {
    const now = this.#clock.now();
    const isCredible = wallMs >= EARLIEST_CREDIBLE_MS && now > wallMs;
    this.#lifeMs = lifeMs + (isCredible ? now - wallMs : 0);
    this.#atMs = this.#clock.monotonicMs();
  }
}
