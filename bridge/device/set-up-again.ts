// A device that was reset between two polls answers all the time, and not as it was told to: it is set up again, with
// growing pauses where that does not help.
import type { SampleSpec } from '../../shared/device-type.js';
import type { Clock } from '../../shared/ports.js';
import type { Outcome } from './verdict.js';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export class SetUpAgain {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** Never rejects. */
  readonly #setUp: () => Promise<void>;
  #pauseMs = FIRST_PAUSE_MS;
  #notBeforeMs = 0;
  #isRunning = false;
  /** Samples that say so still: another one may look at a register that is as it was. */
  readonly #complaining = new Set<SampleSpec>();

  constructor(clock: Pick<Clock, 'monotonicMs'>, setUp: () => Promise<void>) {
    this.#clock = clock;
    this.#setUp = setUp;
  }

  /** Takes the outcome of a read of this sample, one of those that tell of the set-up. */
  note(outcome: Outcome, sample: SampleSpec): void {
    if (outcome === 'set_up_lost') this.#complaining.add(sample);
    if (outcome === 'ok' && !this.#isRunning) this.#complaining.delete(sample);
    if (this.#complaining.size === 0 && !this.#isRunning) this.#pauseMs = FIRST_PAUSE_MS;
    if (outcome !== 'set_up_lost' || this.#isRunning || this.#clock.monotonicMs() < this.#notBeforeMs) return;
    this.#isRunning = true;
    void this.#setUp().finally(() => {
      this.#isRunning = false;
      this.#notBeforeMs = this.#clock.monotonicMs() + this.#pauseMs;
      this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    });
  }
}

/** Whether what is read of it says that the device still is as it was set up. */
export function tellsOfSetUp({ configured, conversation }: SampleSpec): boolean {
  return (
    configured !== undefined ||
    conversation?.steps.some((step) => (step.configured ?? step.takenWithinMs) !== undefined) === true
  );
}
