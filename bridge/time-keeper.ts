// What the time of a sample is worth. A board without a battery clock starts in the past and is set right minutes later:
// until then samples carry a mark, and when the wall clock jumps, those that are still here are moved by as much.
import type { Clock, Component, Log, SampleCorrector } from '../shared/ports.js';
import type { ClockMark, IncomingSample } from '../shared/sample.js';
import type { Topics } from '../shared/topics.js';
import { ONCE, type Outlet } from './outlet.js';

export interface TimeKeeperOptions {
  readonly clock: Clock;
  readonly boot: string;
  /** Whether the wall clock can be believed; asked once a second until it can. */
  readonly isSynchronised: () => boolean;
  readonly corrector: SampleCorrector;
  readonly outlet: Outlet;
  readonly topics: Topics;
  readonly log: Log;
}

export interface Stamp {
  /** Epoch ms. */
  readonly ts: number;
  readonly clock?: ClockMark;
}

const TICK_MS = 1000;
/** Less is NTP's slewing, or two clocks read one after the other on a busy machine; it moves no sample. */
const JUMP_MS = 2000;
/** Jumps remembered for samples that arrive late. A clock that jumps more often has none worth believing. */
const JUMPS = 16;

interface Jump {
  /** Of two times, one of before and one of after the jump, only the first is below this. */
  readonly belowTs: number;
  readonly offsetMs: number;
}

export class TimeKeeper implements Component {
  readonly name = 'time';
  readonly #options: TimeKeeperOptions;
  /** What the wall clock shows more than the monotonic one. */
  #aheadMs = 0;
  #synchronised = false;
  /** The beginning of this run, by the clock that the samples which may be moved have seen. */
  #sinceTs = 0;
  #jumps: readonly Jump[] = [];
  #cancel = (): void => undefined;

  constructor(options: TimeKeeperOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    const { clock, isSynchronised, log } = this.#options;
    this.#sinceTs = clock.now();
    this.#aheadMs = this.#sinceTs - clock.monotonicMs();
    this.#synchronised = isSynchronised();
    if (!this.#synchronised)
      log.warn({ ts: this.#sinceTs }, 'the clock is not synchronised yet: samples are marked until it is');
    this.#tick();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#cancel();
    return Promise.resolve();
  }

  /** The time of a sample that was read at `ts`, and its mark. */
  stamp(ts: number): Stamp {
    this.#notice();
    const moved = this.#moved(ts);
    if (moved !== ts) return { ts: moved, clock: 'corrected' };
    return this.#synchronised ? { ts } : { ts, clock: 'unsynchronised' };
  }

  /** For a sample of this run that comes back from a broker after the clock was set. */
  adjust(sample: IncomingSample): IncomingSample {
    if (sample.clock !== 'unsynchronised' || sample.identity?.boot !== this.#options.boot) return sample;
    const ts = this.#moved(sample.ts);
    return ts === sample.ts ? sample : { ...sample, ts, clock: 'corrected' };
  }

  #moved(ts: number): number {
    return this.#jumps.reduce((moved, { belowTs, offsetMs }) => moved + (moved < belowTs ? offsetMs : 0), ts);
  }

  #tick(): void {
    const { clock, isSynchronised } = this.#options;
    this.#cancel = clock.after(TICK_MS, () => {
      this.#notice();
      this.#synchronised ||= isSynchronised();
      this.#tick();
    });
  }

  /** Also before each sample: one that is read between the jump and the next tick must not be taken for an older one. */
  #notice(): void {
    const { clock } = this.#options;
    const nowTs = clock.now();
    const aheadMs = nowTs - clock.monotonicMs();
    const offsetMs = Math.round(aheadMs - this.#aheadMs);
    this.#aheadMs = aheadMs;
    if (Math.abs(offsetMs) < JUMP_MS) return;
    const before = { from: nowTs - offsetMs, to: nowTs };
    if (this.#synchronised) this.#say(before, offsetMs, 'samples keep the times they were given');
    else void this.#correct(before, offsetMs);
  }

  /** Never rejects. */
  async #correct(times: { readonly from: number; readonly to: number }, offsetMs: number): Promise<void> {
    const { boot, corrector, isSynchronised, log } = this.#options;
    // Back into the time before the jump: there a sample's time does not tell on which side it was read.
    const bound = offsetMs > 0 ? { belowTs: times.from + offsetMs / 2 } : {};
    if (bound.belowTs !== undefined)
      this.#jumps = [...this.#jumps, { belowTs: bound.belowTs, offsetMs }].slice(-JUMPS);
    const correction = { boot, sinceTs: this.#sinceTs, offsetMs, ...bound };
    this.#sinceTs = Math.min(this.#sinceTs, times.to);
    this.#synchronised = isSynchronised();
    try {
      const corrected = await corrector.correctClock(correction);
      this.#say(times, offsetMs, `${String(corrected)} samples of this run were moved by as much`, corrected);
    } catch (err) {
      log.error({ err, offsetMs }, 'the clock jumped, and the samples of this run could not be moved');
      this.#say(times, offsetMs, 'samples of this run could not be moved and keep their mark');
    }
  }

  #say(
    times: { readonly from: number; readonly to: number },
    offsetMs: number,
    what: string,
    corrected?: number,
  ): void {
    const { outlet, topics, log } = this.#options;
    const seconds = (Math.abs(offsetMs) / 1000).toFixed(1);
    const message = `The clock jumped ${offsetMs > 0 ? 'ahead' : 'back'} by ${seconds} s: ${what}.`;
    log.warn({ ...times, offsetMs, ...(corrected === undefined ? {} : { corrected }) }, message);
    const facts = { ...times, ...(corrected === undefined ? {} : { corrected }) };
    outlet.json(topics.event, { type: 'clock.jumped', ts: times.to, ...facts, message }, ONCE);
  }
}
