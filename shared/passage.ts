// What becomes of one transaction on its way to the wire, as one record. Whoever asks for it or the queue makes it, the
// lowest part that has it fills it in, and all that is said of it afterwards reads it: the answer to its caller, the
// evidence against a bus, the patience with one that hangs, the trace.
import { GatewayError } from './errors.js';

/**
 * Only forward. `waiting`: it can be taken back (in the queue, or while the bus rests). `handed_over`: whoever runs it has
 * it, and can't give it back. `on_the_wire`: the wire is its own, and bytes of it may be out. `ended`: its caller knows how.
 * `given_up`: nobody waits for it any more; what has not been handed over by then never is.
 */
export type Phase = 'waiting' | 'handed_over' | 'on_the_wire' | 'ended' | 'given_up';

/** Times are in ms of the clock's time awake: only differences mean anything. */
export interface PassageClock {
  awakeMs(): number;
}

export class Passage {
  readonly #clock: PassageClock;
  /** What this one is an errand for. */
  readonly #sender: Passage | undefined;
  #phase: Phase = 'waiting';
  #handedMs: number | undefined;
  #wireMs: number | undefined;
  #trips = 0;
  #takes = 0;
  #onTaken: (() => void) | undefined;
  #isHurried = false;
  #onHurried: () => void = () => undefined;
  /** Its caller waits no longer than this (monotonic ms). */
  untilMs = Infinity;

  constructor(clock: PassageClock, sender?: Passage) {
    this.#clock = clock;
    this.#sender = sender;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Its caller has its answer, and nobody else is to get one. */
  get isOver(): boolean {
    return this.#phase === 'ended' || this.#phase === 'given_up';
  }

  /** It has run, runs, or will run without being asked again. */
  get isOutOfHand(): boolean {
    return this.#handedMs !== undefined;
  }

  /** Bytes of it are on the wire or were, for all that is known. */
  get wasOnTheWire(): boolean {
    return this.#trips > 0;
  }

  /** When the wire was first its own; undefined until then. */
  get wireMs(): number | undefined {
    return this.#wireMs;
  }

  /** How often bytes of it went to the wire: more than once where it was repeated. */
  get trips(): number {
    return this.#trips;
  }

  /** How often the wire was taken for it, errands included. */
  get takes(): number {
    return this.#takes;
  }

  /** `listener` is told each time the wire is taken for it; one at a time. */
  whenTaken(listener: (() => void) | undefined): void {
    this.#onTaken = listener;
  }

  /** A safe write waits behind it: until it has had its turn it is as urgent as that. */
  hurry(): void {
    if (this.#isHurried) return;
    this.#isHurried = true;
    this.#onHurried();
  }

  get isHurried(): boolean {
    return this.#isHurried;
  }

  // ── by the lowest part ────────────────────────────────────────────────────────────────────────────────

  /** From now on it can't be taken back. Throws overdue where nobody waits for it any more: it must not be run then. */
  handOver(): void {
    if (this.isOver || this.#sender?.isOver === true)
      throw new GatewayError('overdue', 'Nobody waits for this transaction any more; it was not run.');
    this.#handedMs ??= this.#clock.awakeMs();
    if (this.#phase === 'waiting') this.#phase = 'handed_over';
  }

  /** The wire is its own from now on, once more where it is repeated. */
  begin(): void {
    this.#trips += 1;
    this.#wireMs ??= this.#clock.awakeMs();
    if (!this.isOver) this.#phase = 'on_the_wire';
    this.#taken();
    if (this.#sender !== undefined) this.#sender.#taken();
  }

  /** It had the wire, and not one byte of it went out: the kernel did not let it. */
  neverLeft(): void {
    this.#trips -= 1;
  }

  /** For what has to be on the wire before it, such as the choice of a multiplexer's channel. */
  forErrand(): Passage {
    return new Passage(this.#clock, this);
  }

  // ── by the queue ──────────────────────────────────────────────────────────────────────────────────────

  end(): void {
    if (!this.isOver) this.#phase = 'ended';
  }

  giveUp(): void {
    if (!this.isOver) this.#phase = 'given_up';
  }

  /** `listener` is told when it is hurried; at once where it is. */
  whenHurried(listener: () => void): void {
    this.#onHurried = listener;
    if (this.#isHurried) listener();
  }

  #taken(): void {
    this.#takes += 1;
    this.#onTaken?.();
  }
}
