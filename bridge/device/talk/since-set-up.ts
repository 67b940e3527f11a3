// What is counted from a device's first reading after it was found or set up: how long that is ago, and what was left out since.
import { READ_FOR, type Known } from '../../../shared/codec/conversation.js';
import type { StepSpec } from '../../../shared/device-type.js';
import { GatewayError } from '../../../shared/errors.js';

/** Times are of the monotonic clock. */
export class SinceSetUp {
  #firstMs: number | undefined;
  readonly #takenMs = new Map<StepSpec, number>();

  /** It is found, or set up again. */
  begin(): void {
    this.#firstMs = undefined;
    this.#takenMs.clear();
  }

  /** What its fields are computed with at this moment. */
  known(known: Known, nowMs: number): Known {
    this.#firstMs ??= nowMs;
    return new Map([...known, [READ_FOR, (nowMs - this.#firstMs) / 1000]]);
  }

  /**
   * Throws GatewayError set_up_lost where a step was left out for longer than it may be; from then on it is given that
   * time again. `bodies`: of each step what it has read; undefined where it was left out.
   */
  refuseLeftOut(
    steps: readonly StepSpec[],
    bodies: readonly (Uint8Array | undefined)[],
    nowMs: number,
  ): void {
    for (const [index, step] of steps.entries()) {
      const { takenWithinMs } = step;
      if (takenWithinMs === undefined) continue;
      const takenMs = bodies[index] === undefined ? (this.#takenMs.get(step) ?? nowMs) : nowMs;
      const isLate = nowMs - takenMs > takenWithinMs;
      this.#takenMs.set(step, isLate ? nowMs : takenMs);
      if (isLate)
        throw new GatewayError(
          'set_up_lost',
          `It has had nothing to be read for ${String(Math.round(nowMs - takenMs))} ms, as a device without its set-up has.`,
        );
    }
  }
}
