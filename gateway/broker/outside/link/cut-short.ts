// Connections that the broker ends soon after they began, without a word, again and again: as where another client has the
// same id, and each comes back at once (Mosquitto 2.0 tells neither why). Then the tries become rarer, however well each of
// them began, or the two throw each other out twice a second for ever.
import type { Clock } from '../../../../shared/ports.js';

/** A connection that held so long was a good one. */
const CALM_MS = 60_000;
/** The first ones may be a message that is too large, which is found out by such ends. */
const TELLING = 3;

export class CutShort {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #upMs = 0;
  #times = 0;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** How often in a row. */
  get times(): number {
    return this.#times;
  }

  get isTelling(): boolean {
    return this.#times >= TELLING;
  }

  up(): void {
    this.#upMs = this.#clock.monotonicMs();
  }

  /** `isHungUp`: by the broker, without a word. */
  ended(isHungUp: boolean): void {
    const isShort = this.#clock.monotonicMs() - this.#upMs < CALM_MS;
    this.#times = isHungUp && isShort ? this.#times + 1 : 0;
  }

  /** The pause before the next try, where `pauseMs` would be it. */
  pause(pauseMs: number, { firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number }): number {
    if (!this.isTelling) return pauseMs;
    const grownMs = firstMs * 2 ** Math.min(this.#times - TELLING + 1, 20);
    return Math.max(pauseMs, Math.min(grownMs, mostMs));
  }
}
