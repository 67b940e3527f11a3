// One output, from the moment when a write that switches it on is to come until it is safe: its state, its time, the tries to
// make it safe, and the mark that a crash leaves of it. Whoever writes tells it; it asks for nothing but safe writes and marks.
import type { EndingSpec } from '../../shared/device-type.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import type { Occasion } from '../../shared/messages.js';
import type { Clock } from '../../shared/ports.js';
import { insist } from '../device/insist.js';
import { leftOf } from './left-on.js';
import { isAsGood, type MarkKeeper, type OutputMark } from './marks.js';
import { OutputLife, type OutputState } from './state.js';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** For a device with something to be made safe after a crash: it may take writes and never be found. */
const FOUND_WITHIN_MS = 2000;

export interface CommandOrder {
  /** Of the command. */
  readonly id: string;
  /** After so long it is made safe; undefined: it stays as it is. */
  readonly forMs?: number;
}

/** A write that switches it on and has not ended. */
export interface Coming extends CommandOrder {
  /** What a crash before its end leaves. */
  readonly mark: OutputMark;
  /** Resolves when that is on disk, or said not to be. */
  readonly noted: Promise<void>;
}

/** A write that makes it safe. */
export interface SafeWrite {
  readonly by: Occasion;
  /** The id of the command that it follows. */
  readonly of: string;
  /** Asked when its turn on the bus comes. */
  readonly refuse: () => Error | undefined;
}

/** What is on. */
interface On {
  /** Its place among all that was switched on. */
  readonly moment: number;
  /** The write that did it, where this process made it. */
  readonly write?: Coming;
  readonly mark: OutputMark;
  /** Monotonic; undefined where it stays as it is. */
  readonly dueMs?: number | undefined;
  /** When what was on before it was to end. */
  readonly dueBeforeMs?: number | undefined;
  readonly by: Occasion;
}

export interface OutputOptions {
  readonly device: string;
  readonly command: string;
  readonly ending: EndingSpec;
  readonly clock: Clock;
  readonly marks: MarkKeeper;
  /** Growing, of all outputs: who makes something safe tells of all that was switched on before. */
  readonly newMoment: () => number;
  /** Rejects when it failed, or was refused. What was written is told by `madeSafe` before it resolves. */
  readonly makeSafe: (write: SafeWrite) => Promise<void>;
  /** Monotonic; from the beginning of the gateway's stop. */
  readonly stopUntilMs: () => number | undefined;
}

export class Output {
  readonly ending: EndingSpec;
  readonly #options: OutputOptions;
  readonly #life = new OutputLife();
  /** Undefined as long as it is safe. */
  #on: On | undefined;
  /** One at a time: a device's commands wait for each other. */
  #coming: Coming | undefined;
  /** On disk, or on its way there. */
  #noted: OutputMark | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #cancel: () => void = () => undefined;
  #lastTries: Promise<GatewayError | undefined> | undefined;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.ending = options.ending;
  }

  get state(): OutputState {
    return this.#life.state;
  }

  /** What it is held by; undefined where it is safe. */
  get held(): OutputMark | undefined {
    return this.#on?.mark;
  }

  /** The tries of the stop that are under way. */
  get lastTries(): Promise<GatewayError | undefined> | undefined {
    return this.#lastTries;
  }

  // ── a write that switches it on ───────────────────────────────────────────────────────────────────────

  /**
   * It is to come. Until it has ended nobody knows which of both a crash leaves on, so what is on disk then has the sooner
   * end of the two.
   */
  expect(order: CommandOrder): Coming {
    const mark = this.#markOf(order.id, soonest(order.forMs, this.#leftMs()));
    const coming = { ...order, mark, noted: this.#options.marks.set(mark) };
    this.#noted = mark;
    this.#coming = coming;
    return coming;
  }

  /** It was acknowledged: what was to end before is of the past. */
  written(write: Coming, sinceMs = 0): void {
    this.#switchedOn(write, write.forMs === undefined ? undefined : write.forMs - sinceMs);
  }

  /** It failed so long after it began, and may have acted: it does not put off the end of what was on before it. */
  mayHaveActed(write: Coming, sinceMs: number): void {
    const leftMs = write.forMs === undefined ? undefined : write.forMs - sinceMs;
    this.#switchedOn(write, soonest(leftMs, this.#leftMs()));
  }

  /** It failed: what was never on the wire leaves all as it was, and what was not read back puts off no end. */
  failed(write: Coming): void {
    if (this.#coming === write) {
      this.#coming = undefined;
      void this.#note();
    }
    const on = this.#on;
    if (on?.write !== write || on.dueBeforeMs === undefined) return;
    if (on.dueBeforeMs >= (on.dueMs ?? Infinity) || !this.#life.take('sooner')) return;
    this.#endIn(on, on.dueBeforeMs - this.#nowMs());
  }

  // ── what makes it safe ────────────────────────────────────────────────────────────────────────────────

  /** The bytes that make it safe were written, behind all that was switched on by that moment. */
  madeSafe(moment: number): void {
    if (this.#on === undefined || this.#on.moment > moment) return;
    this.#cancel();
    this.#on = undefined;
    this.#life.take('made_safe');
    void this.#note();
  }

  /** Its device was identified and set up: what is overdue happens now. */
  found(): void {
    if (this.#life.take('found')) this.#try();
  }

  // ── over the life of a process ────────────────────────────────────────────────────────────────────────

  /** A mark that a former process left. Resolves when what it means now is on disk. */
  adopt(mark: OutputMark): Promise<void> {
    // On by somebody's will until this process ends, too; in no order: then it is left on.
    const { stopped: wasMeant, ...living } = mark;
    this.#noted = mark;
    this.#on = { moment: this.#options.newMoment(), mark: living, by: 'for' };
    const isMade = this.ending.afterCrash === 'safe';
    const { until } = mark;
    if (wasMeant === true || (!isMade && until === undefined)) this.#life.take('stays');
    else {
      const leftMs =
        isMade || until === undefined ? 0 : leftOf({ ...mark, until }, this.#options.clock.now());
      this.#on = { ...this.#on, by: isMade ? 'crash' : 'for', dueMs: this.#nowMs() + Math.max(0, leftMs) };
      this.#life.take(leftMs > 0 ? 'begins' : 'adopt');
      this.#dueIn(leftMs > 0 ? leftMs : FOUND_WITHIN_MS);
    }
    return this.#note();
  }

  /** For the gateway's stop: what has an end ends now. Resolves with why it is not safe; never rejects. */
  endNow(untilMs: number): Promise<GatewayError | undefined> {
    const on = this.#on;
    if (on === undefined || !this.#life.take('stop')) return this.#lastTries ?? Promise.resolve(undefined);
    this.#cancel();
    const isOver = (): boolean => this.#on !== on || this.#life.state !== 'stopping';
    const tries = insist(this.#options.clock, untilMs, async () => {
      const error = isOver() ? undefined : await this.#write(on, 'on_stop');
      return isOver() ? undefined : error;
    }).finally(() => {
      if (this.#lastTries === tries) this.#lastTries = undefined;
    });
    this.#lastTries = tries;
    return tries;
  }

  /** Behind the last write of the stop. What stays on without an end is meant so. */
  end(): void {
    this.#cancel();
    const on = this.#on;
    if (on !== undefined && this.#life.state === 'on')
      this.#on = { ...on, mark: { ...on.mark, stopped: true } };
    this.#life.take('end');
    void this.#note();
  }

  // ── inside ────────────────────────────────────────────────────────────────────────────────────────────

  #switchedOn(write: Coming, forMs: number | undefined): void {
    const { newMoment, stopUntilMs } = this.#options;
    this.#cancel();
    if (this.#coming === write) this.#coming = undefined;
    const dueBeforeMs = this.#on?.dueMs;
    const on = {
      moment: newMoment(),
      write,
      mark: this.#markOf(write.id, forMs),
      dueBeforeMs,
      by: 'for',
    } as const;
    this.#on = on;
    this.#pauseMs = FIRST_PAUSE_MS;
    const isTimed = forMs !== undefined && this.#life.take('begins');
    if (isTimed) this.#endIn(on, forMs);
    else this.#life.take('stays');
    void this.#note();
    const untilMs = stopUntilMs();
    if (untilMs !== undefined) void this.endNow(untilMs);
  }

  /** It is made safe in so many milliseconds. */
  #endIn(on: On, ms: number): void {
    const leftMs = Math.max(0, ms);
    this.#on = { ...on, mark: this.#markOf(on.mark.id, leftMs), dueMs: this.#nowMs() + leftMs };
    void this.#note();
    this.#dueIn(leftMs);
  }

  #dueIn(ms: number): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(ms, () => {
      if (this.#life.take('due')) this.#try();
    });
  }

  #try(): void {
    const on = this.#on;
    if (on === undefined) return;
    this.#cancel();
    void this.#write(on, on.by).then((error) => {
      if (error !== undefined && this.#on === on && this.#life.take('failed')) this.#tryLater();
    });
  }

  #tryLater(): void {
    this.#cancel = this.#options.clock.after(this.#pauseMs, () => {
      if (this.#life.take('again')) this.#try();
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** Resolves with why it did not work, which was answered and logged where it was written. */
  async #write(on: On, by: Occasion): Promise<GatewayError | undefined> {
    const superseded = new GatewayError('expired', 'A newer command has come before it.');
    const refuse = (): Error | undefined => (this.#on?.moment === on.moment ? undefined : superseded);
    try {
      await this.#options.makeSafe({ by, of: on.mark.id, refuse });
      return undefined;
    } catch (thrown) {
      return asGatewayError(thrown);
    }
  }

  /** The mark on disk follows what is on, or to come. */
  #note(): Promise<void> {
    const { marks } = this.#options;
    const [mark, noted] = [this.#coming?.mark ?? this.#on?.mark, this.#noted];
    if (mark === undefined ? noted === undefined : isAsGood(noted, mark)) return Promise.resolve();
    this.#noted = mark;
    if (mark !== undefined) return marks.set(mark);
    return noted === undefined ? Promise.resolve() : marks.clear(noted);
  }

  #markOf(id: string, forMs: number | undefined): OutputMark {
    const { device, command, clock } = this.#options;
    const since = clock.now();
    return { device, command, id, since, ...(forMs === undefined ? {} : { until: since + forMs }) };
  }

  #leftMs(): number | undefined {
    const dueMs = this.#on?.dueMs;
    return dueMs === undefined ? undefined : Math.max(0, dueMs - this.#nowMs());
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

function soonest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
