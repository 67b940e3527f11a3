// Reads the clocks of this process, and knows what the wall clock was worth when. A board without a battery clock starts in
// the past and is set right minutes later: until then samples carry a mark and their run, and when the wall clock jumps,
// those that are still here are moved by as much. Jumps are noticed by the monotonic clock, once a second and before each
// sample; which time a sample has is decided in sample-time.ts.
import type { Clock, Component, Log } from '../../shared/ports.js';
import type { ClockCorrection, SampleCorrector } from '../../shared/stores.js';
import type { Topics } from '../../shared/topics.js';
import { ONCE, type Outlet } from '../messages/outlet.js';
import { evenUntil, jumpSince, withNext, type Clocks, type Stretches } from './clock-stretches.js';
import { timeOf, type GivenTime, type SampleTime } from './sample-time.js';

export interface TimeKeeperOptions {
  readonly clock: Clock;
  readonly boot: string;
  /** Whether the wall clock can be believed; asked once a second until it can. */
  readonly isSynchronised: () => boolean;
  /** Whether it is certain that the wall clock was never set. Without it nothing is held back. */
  readonly isWrong?: () => boolean;
  /** `held` has changed. */
  readonly onReleased?: () => void;
  readonly corrector: SampleCorrector;
  readonly outlet: Outlet;
  readonly topics: Topics;
  readonly log: Log;
}

/** The time of a reading as it is published. */
export type Stamp = Pick<SampleTime, 'ts' | 'clock'>;

const TICK_MS = 1000;
/** A clock that nobody sets in a day is one that nobody sets. */
const MOST_HELD_MS = 86_400_000;

export class TimeKeeper implements Component {
  readonly name = 'time';
  readonly #options: TimeKeeperOptions;
  #stretches: Stretches = [];
  #begun = 0;
  /** Times that were given in this stretch and may be moved: between which they lie. */
  #doubted: Pick<ClockCorrection, 'firstTs' | 'lastTs'> | undefined;
  #cancel = (): void => undefined;
  #wasHeld: string | undefined;

  constructor(options: TimeKeeperOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    const { wallTs: ts } = this.#look();
    if (this.#isDoubted)
      this.#options.log.warn({ ts }, 'the clock is not synchronised yet: samples are marked until it is');
    this.#tick();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#cancel();
    return Promise.resolve();
  }

  /** The time of what was read here at `readTs`, and its mark. */
  stamp(readTs: number): Stamp {
    const { ts, clock } = this.timeOf({ by: 'reading', ts: readTs });
    return clock === undefined ? { ts } : { ts, clock };
  }

  /** Of a sample that is kept now. Throws bad_payload. */
  timeOf(given: GivenTime): SampleTime {
    // One that is read between a jump and the next tick must not be taken for an older one.
    const clocks = this.#look();
    const time = timeOf(given, { boot: this.#options.boot, clocks, stretches: this.#stretches });
    if (time.run !== undefined) {
      const { firstTs, lastTs } = this.#doubted ?? { firstTs: time.ts, lastTs: time.ts };
      this.#doubted = { firstTs: Math.min(firstTs, time.ts), lastTs: Math.max(lastTs, time.ts) };
    }
    return time;
  }

  /**
   * The run whose times are certainly wrong and may still be moved: what is sent to a store that deletes by its own clock
   * would be deleted at once there, and be out of reach here. Whoever asks between a jump and the next tick would find a
   * clock that is right, and take samples that are not moved yet: so that is noticed first.
   */
  held(): string | undefined {
    const { clock, isWrong } = this.#options;
    this.#look();
    const last = this.#stretches.at(-1);
    const [first] = this.#stretches;
    if (last?.isDoubted !== true || first === undefined || isWrong?.() !== true) return undefined;
    return clock.monotonicMs() - first.fromMs < MOST_HELD_MS ? last.run : undefined;
  }

  get #isDoubted(): boolean {
    return this.#stretches.at(-1)?.isDoubted === true;
  }

  #tick(): void {
    const { clock, isSynchronised } = this.#options;
    this.#cancel = clock.after(TICK_MS, () => {
      const clocks = this.#look();
      if (this.#isDoubted && isSynchronised()) this.#begin(clocks, false);
      this.#tellReleased();
      this.#tick();
    });
  }

  /** At a tick, so that what moves the samples is on its way to the store before them. */
  #tellReleased(): void {
    const held = this.held();
    if (held === this.#wasHeld) return;
    this.#wasHeld = held;
    this.#options.onReleased?.();
  }

  /** Reads both clocks, and notices where the wall clock has jumped. */
  #look(): Clocks {
    const { clock, isSynchronised } = this.#options;
    const clocks = { wallTs: clock.now(), monotonicMs: clock.monotonicMs() };
    const offsetMs = jumpSince(this.#stretches, clocks);
    if (this.#stretches.length === 0) this.#begin(clocks, !isSynchronised());
    else if (offsetMs === 0) this.#stretches = evenUntil(this.#stretches, clocks);
    else if (this.#isDoubted) void this.#correct(clocks, offsetMs);
    else {
      this.#begin(clocks, false);
      this.#say(clocks, offsetMs, 'samples keep the times they were given');
    }
    return clocks;
  }

  #begin(clocks: Clocks, isDoubted: boolean): void {
    const run = `${this.#options.boot}/${String(this.#begun)}`;
    this.#stretches = withNext(this.#stretches, clocks, { run, isDoubted });
    this.#begun += 1;
    this.#doubted = undefined;
  }

  /** Never rejects. */
  async #correct(clocks: Clocks, offsetMs: number): Promise<void> {
    const { isSynchronised, log } = this.#options;
    // Asked before anything is awaited: samples of the stretch that ends now are on their way to the store before it, those
    // of the next one behind it.
    const moving = this.#moved(offsetMs);
    this.#begin(clocks, !isSynchronised());
    try {
      const corrected = await moving;
      const what = `${String(corrected)} samples of this run were moved by as much`;
      this.#say(clocks, offsetMs, what, corrected);
    } catch (err) {
      log.error({ err, offsetMs }, 'the clock jumped, and the samples of this run could not be moved');
      this.#say(clocks, offsetMs, 'samples of this run could not be moved and keep their mark');
    }
  }

  async #moved(offsetMs: number): Promise<number> {
    const run = this.#stretches.at(-1)?.run;
    if (this.#doubted === undefined || run === undefined) return 0;
    return this.#options.corrector.correctClock({ run, offsetMs, ...this.#doubted });
  }

  #say({ wallTs }: Clocks, offsetMs: number, what: string, corrected?: number): void {
    const { outlet, topics, log } = this.#options;
    const facts = {
      ...{ from: wallTs - offsetMs, to: wallTs },
      ...(corrected === undefined ? {} : { corrected }),
    };
    const seconds = (Math.abs(offsetMs) / 1000).toFixed(1);
    const message = `The clock jumped ${offsetMs > 0 ? 'ahead' : 'back'} by ${seconds} s: ${what}.`;
    log.warn({ ...facts, offsetMs }, message);
    outlet.json(topics.event, { type: 'clock.jumped', ts: wallTs, ...facts, message }, ONCE);
  }
}
