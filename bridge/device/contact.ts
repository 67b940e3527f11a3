// Looks for one device until it is found: at once, then with growing pauses, each time when its bus lets it.
import type { Clock } from '../../shared/ports.js';
import type { Presence } from './presence.js';
import type { ProbeTurns } from './probe-turns.js';

const LONGEST_PAUSE_MS = 60_000;
/** Who fell silent is looked for so often without waiting for the bus's pause: it shall soon be known to be gone. */
const URGENT_PROBES = 2;

export interface DeviceContactOptions {
  readonly clock: Clock;
  /** Whether it may be looked for, and whether it was found. */
  readonly presence: Presence;
  /** Those of the device's bus. */
  readonly turns: ProbeTurns;
  /** How long the device has had the wire so far. */
  readonly busyMs: () => number;
  readonly firstPauseMs: number;
  /** Looks once, as long as `presence` allows it, and tells it what was found. Resolves with whether all was answered; never rejects. */
  readonly look: () => Promise<boolean>;
}

export class DeviceContact {
  readonly #options: DeviceContactOptions;
  #pauseMs: number;
  #urgentLeft = 0;
  #cancel: () => void = () => undefined;

  constructor(options: DeviceContactOptions) {
    this.#options = options;
    this.#pauseMs = options.firstPauseMs;
  }

  /** Looks at once: nobody has looked yet, or there is a sign of life. */
  now(): void {
    this.#ask(true);
  }

  /** As if it had been lost just now, and at once; where a look still runs, soon after that. */
  again(): void {
    this.#pauseMs = this.#options.firstPauseMs;
    this.#urgentLeft = Math.max(this.#urgentLeft, 1);
    this.#ask(true);
  }

  /** It fell silent just now: looks after the first pause. `isCheap`: looking in vain costs the bus no time to speak of. */
  soon(isCheap: boolean): void {
    this.#pauseMs = this.#options.firstPauseMs;
    this.#urgentLeft = isCheap ? URGENT_PROBES : 0;
    this.#later();
  }

  /** Forgets what it wanted to do, until it is asked again. */
  rest(): void {
    this.#cancel();
  }

  #later(): void {
    if (this.#options.presence.state !== 'away') return;
    this.#cancel();
    this.#cancel = this.#options.clock.after(this.#pauseMs, () => {
      this.#ask(this.#urgentLeft > 0);
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #ask(urgent: boolean): void {
    const { presence, turns, busyMs } = this.#options;
    if (presence.state !== 'away') return;
    this.#cancel();
    this.#cancel = turns.ask({ urgent, busyMs, probe: () => this.#look() });
  }

  async #look(): Promise<void> {
    const { presence, firstPauseMs, look } = this.#options;
    if (!presence.take('look')) return;
    this.#urgentLeft -= 1;
    const answered = await look();
    const wasBrokenOff = presence.state === 'looking_anew' && answered;
    if (!presence.take('look_over')) this.#pauseMs = firstPauseMs;
    else if (wasBrokenOff) this.soon(true);
    else this.#later();
  }
}
