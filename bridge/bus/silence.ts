// Whether a bus itself is dumb: everybody who was heard stops to acknowledge, and nobody answers in between.
//
// A controller or adapter that is stuck, or a broken line, is reported by some drivers as a missing acknowledgement (ENXIO,
// EREMOTEIO; Documentation/i2c/fault-codes.rst: "usually it means there's nothing listening") of every address and never
// as a fault of the bus. What then helps is what helps against time-outs: to load the driver anew (raspberrypi/linux
// #1379), or to cycle the power (UM10204 3.1.16). So it is told from absence here. One device alone can't tell: it may be
// unplugged. Many that leave at once may have lost a common power supply, so the pauses between the attempts grow.

const MINUTE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * MINUTE_MS;
/** Who was heard longer ago says nothing of the bus: a scan may have heard it, which nobody repeats. */
export const HEARD_WITHIN_MS = 10 * MINUTE_MS;
const FEWEST = 2;

export interface SignOfSilence {
  /** 1 at first; then after 1, 2, 4 … 60 minutes of more silence. */
  readonly attempt: number;
  readonly message: string;
}

export class BusSilence {
  /** When each place was last heard. */
  readonly #heardMs = new Map<number, number>();
  readonly #silent = new Set<number>();
  #attempts = 0;
  #notBeforeMs = 0;

  /** True from the first attempt until somebody answers: a missing acknowledgement is no sign that the bus works. */
  get isSuspicious(): boolean {
    return this.#attempts > 0;
  }

  answered(place: number, nowMs: number): void {
    // Who was silent while others answer is gone by itself.
    for (const silent of this.#silent) this.#heardMs.delete(silent);
    this.#silent.clear();
    this.#heardMs.set(place, nowMs);
    this.#attempts = 0;
    this.#notBeforeMs = 0;
  }

  /** A place did not acknowledge: there is a sign where all are silent now and it is time to do something. */
  missed(place: number, nowMs: number): SignOfSilence | undefined {
    if (!this.#heardMs.has(place)) return undefined;
    this.#silent.add(place);
    if (nowMs < this.#notBeforeMs || !this.#allAreSilent(nowMs)) return undefined;
    const pauseMs = Math.min(MINUTE_MS * 2 ** this.#attempts, LONGEST_PAUSE_MS);
    this.#attempts += 1;
    this.#notBeforeMs = nowMs + pauseMs;
    const count = String(this.#silent.size);
    return {
      attempt: this.#attempts,
      message: `All ${count} devices that answered on this bus have stopped to acknowledge: it may be the bus itself, or their power.`,
    };
  }

  #allAreSilent(nowMs: number): boolean {
    for (const [place, heardMs] of this.#heardMs)
      if (!this.#silent.has(place) && nowMs - heardMs > HEARD_WITHIN_MS) this.#heardMs.delete(place);
    return this.#silent.size >= FEWEST && this.#silent.size === this.#heardMs.size;
  }
}
