// Looks for one device until it is found: at once, then with growing pauses, each time when its bus lets it.
import type { Clock } from '../shared/ports.js';
import type { ProbeTurns } from './probe-turns.js';

const LONGEST_PAUSE_MS = 60_000;
/** Who fell silent is looked for so often without waiting for the bus's pause: it shall soon be known to be gone. */
const URGENT_PROBES = 2;

export interface DeviceContactOptions {
  readonly clock: Clock;
  /** Those of the device's bus. */
  readonly turns: ProbeTurns;
  /** How long the device has had the wire so far. */
  readonly busyMs: () => number;
  readonly firstPauseMs: number;
  /** Looks once. Resolves with whether the device was found and set up; never rejects. */
  readonly look: () => Promise<boolean>;
}

export class DeviceContact {
  readonly #options: DeviceContactOptions;
  #pauseMs: number;
  #urgentLeft = 0;
  #looking = false;
  #stopped = false;
  #paused = false;
  #cancel: () => void = () => undefined;

  constructor(options: DeviceContactOptions) {
    this.#options = options;
    this.#pauseMs = options.firstPauseMs;
  }

  /** Looks at once: nobody has looked yet, or there is a sign of life. */
  now(): void {
    this.#paused = false;
    this.#ask(true);
  }

  /** As if it had been lost just now, and at once. */
  again(): void {
    this.#pauseMs = this.#options.firstPauseMs;
    this.#ask(true);
  }

  /** It fell silent just now: looks after the first pause. `isCheap`: looking in vain costs the bus no time to speak of. */
  soon(isCheap: boolean): void {
    this.#pauseMs = this.#options.firstPauseMs;
    this.#urgentLeft = isCheap ? URGENT_PROBES : 0;
    this.#later();
  }

  /** Looks no more, unless asked to look at once. */
  pause(): void {
    this.#paused = true;
    this.#cancel();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #later(): void {
    if (this.#stopped || this.#paused || this.#looking) return;
    this.#cancel();
    this.#cancel = this.#options.clock.after(this.#pauseMs, () => {
      this.#ask(this.#urgentLeft > 0);
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #ask(urgent: boolean): void {
    if (this.#stopped || this.#looking) return;
    this.#cancel();
    const { turns, busyMs } = this.#options;
    this.#cancel = turns.ask({ urgent, busyMs, probe: () => this.#look() });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    this.#urgentLeft -= 1;
    const found = await this.#options.look();
    this.#looking = false;
    if (found) this.#pauseMs = this.#options.firstPauseMs;
    else this.#later();
  }
}
