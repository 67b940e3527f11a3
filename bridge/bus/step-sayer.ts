// What a bus does to help itself, as events: each step once, and of what a noisy line causes all day, one in a while.
import type { ErrorCode } from '../../shared/errors.js';
import type { Clock } from '../../shared/ports.js';

export interface RecoveryStep {
  readonly type: 'bus.retry' | 'bus.pause' | 'bus.reopen' | 'bus.hook' | 'bus.down' | 'bus.up';
  readonly code?: ErrorCode;
  readonly message: string;
  /** Steps of this type since the last one that was said. */
  readonly leftOut?: number;
}

/** A bus that fails now and then retries many times a minute. */
const FREQUENT: ReadonlySet<RecoveryStep['type']> = new Set(['bus.retry', 'bus.pause']);
const FREQUENT_EVERY_MS = 10_000;

export class StepSayer {
  readonly #clock: Clock;
  readonly #onStep: (step: RecoveryStep) => void;
  readonly #said = new Map<RecoveryStep['type'], { readonly atMs: number; leftOut: number }>();
  #inTrouble: boolean;

  constructor(clock: Clock, onStep: (step: RecoveryStep) => void, inTrouble: boolean) {
    this.#clock = clock;
    this.#onStep = onStep;
    this.#inTrouble = inTrouble;
  }

  say(step: RecoveryStep): void {
    const last = this.#said.get(step.type);
    const atMs = this.#clock.monotonicMs();
    if (last !== undefined && FREQUENT.has(step.type) && atMs - last.atMs < FREQUENT_EVERY_MS) {
      last.leftOut += 1;
      return;
    }
    const leftOut = last?.leftOut ?? 0;
    this.#said.set(step.type, { atMs, leftOut: 0 });
    if (step.type !== 'bus.retry') this.#inTrouble = true;
    this.#onStep({ ...step, ...(leftOut === 0 ? {} : { leftOut }) });
  }

  /** Transactions work: said where trouble was said before. */
  up(): void {
    if (!this.#inTrouble) return;
    this.#inTrouble = false;
    this.#onStep({ type: 'bus.up', message: 'The bus works again.' });
  }
}
