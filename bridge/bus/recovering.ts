// A bus that helps itself: what fails is retried, and what fails again and again is evidence against the bus, which climbs
// its ladder then. Sits between the queue and the wire: it is given as many calls at once as the bus below takes ahead,
// which runs them one at a time. What happened to a transaction it reads from the transaction's own record.
import { asGatewayError, GatewayError, type ErrorCode } from '../../shared/errors.js';
import { Passage } from '../../shared/passage.js';
import type { I2cTransaction, OwnedI2cBus, TransferOptions } from '../../shared/ports.js';
import { BusEvidence } from './evidence.js';
import { HangPatience } from './hang-patience.js';
import { Ladder, type LadderOptions, type RecoveryCounts } from './ladder.js';
import { BusSilence } from './silence.js';
import { placeOf } from './target-holds.js';

/** Said of the bus; of one device say no_ack, checksum and all others. */
const BUS_TROUBLES: ReadonlySet<ErrorCode> = new Set(['timeout', 'bus_fault', 'bus_unavailable']);
const MOST_RETRIES = 2;
/** A kernel's own time-out is a second: what failed slowly is not tried again in the same turn. */
const RETRY_WITHIN_MS = 100;
/** No driver of the kernel waits this long for a target; only a bus that hangs does. */
const HANGS_AFTER_MS = 5_000;
/** Closing a bus that hangs takes its time too. */
const CLOSES_WITHIN_MS = 2_000;

export type RecoveringBusOptions = LadderOptions;

/** One try of a transaction: how often it had been on the wire before, with or without its errands. */
interface Before {
  readonly trips: number;
  readonly takes: number;
}

export class RecoveringBus implements OwnedI2cBus {
  readonly #options: RecoveringBusOptions;
  readonly #evidence = new BusEvidence();
  readonly #silence = new BusSilence();
  readonly #patience: HangPatience;
  readonly #ladder: Ladder;
  /** Transactions that are below, from the moment they are let go. */
  #below = 0;
  #onFree: (() => void) | undefined;
  /** The last that waits here: the next follows it. */
  #waiting: Promise<void> | undefined;

  constructor(options: RecoveringBusOptions) {
    this.#options = options;
    this.#patience = new HangPatience(options.clock, HANGS_AFTER_MS);
    this.#ladder = new Ladder(options, () => {
      this.#evidence.forget();
    });
  }

  get takesAhead(): number {
    return this.#ladder.bus?.takesAhead ?? 0;
  }

  /** Settles when nothing of it can be on the wire any more. */
  get ended(): Promise<void> {
    return this.#ladder.ended;
  }

  counts(): RecoveryCounts {
    return this.#ladder.counts();
  }

  /** Once. Rejects as the bus's own open does. */
  open(): Promise<void> {
    return this.#ladder.open();
  }

  /** Ends a recovery that is under way, and closes the bus. */
  close(): Promise<void> {
    return this.#ladder.close();
  }

  /** Rejects with the bus's errors; with bus_unavailable while it is reset or down; with what `refuse` returns after all waiting. */
  async transfer(transaction: I2cTransaction, options: TransferOptions = {}): Promise<Uint8Array> {
    const passage = options.passage ?? new Passage(this.#options.clock);
    const run = (): Promise<Uint8Array> => this.#run(transaction, { ...options, passage });
    const mustWait = this.#waiting !== undefined || this.#mustWait(passage, options);
    return mustWait ? this.#inTurn(passage, options, run) : run();
  }

  /** Up to the bus below without a pause: what was found of its place and of its time is true there. */
  async #run(
    transaction: I2cTransaction,
    options: TransferOptions & { readonly passage: Passage },
  ): Promise<Uint8Array> {
    this.#below += 1;
    try {
      const late = options.refuse?.();
      if (late !== undefined) throw late;
      return await this.#tried(transaction, options);
    } finally {
      this.#below -= 1;
      if (this.#below === 0) this.#onFree?.();
    }
  }

  /** For the ladder; and for the wire, where it may have to be taken back while it would stand behind another. */
  #mustWait(passage: Passage, { mayExpire }: TransferOptions): boolean {
    if (passage.isOver || this.#ladder.refusal !== undefined) return false;
    if (this.#ladder.isClimbing) return true;
    return this.#below > 0 && (mayExpire === true || !this.#outlasts(passage, this.#below));
  }

  /** Another try stands behind those that were handed over ahead meanwhile, and can't be taken back there. */
  #mayStand(passage: Passage): boolean {
    return this.#below === 1 || this.#outlasts(passage, this.#below - 1);
  }

  /** Its caller waits longer than anybody may stand behind so many, each of whom has the wire for as long as a hang is borne. */
  #outlasts({ untilMs }: Passage, ahead: number): boolean {
    return untilMs - this.#nowMs() >= ahead * HANGS_AFTER_MS + CLOSES_WITHIN_MS;
  }

  /** In the order of the calls: whoever comes stands behind this one until it has begun to run. */
  async #inTurn<T>(passage: Passage, options: TransferOptions, run: () => Promise<T>): Promise<T> {
    const before = this.#waiting;
    let follow: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      follow = resolve;
    });
    this.#waiting = waiting;
    await before;
    while (this.#mustWait(passage, options))
      await (this.#ladder.isClimbing ? this.#ladder.taking : this.#free());
    if (this.#waiting === waiting) this.#waiting = undefined;
    const running = run();
    follow();
    return running;
  }

  /** One at a time waits for it. */
  #free(): Promise<void> {
    return new Promise((resolve) => {
      this.#onFree = resolve;
    });
  }

  async #tried(
    transaction: I2cTransaction,
    options: TransferOptions & { readonly passage: Passage },
  ): Promise<Uint8Array> {
    const { passage, repeatable } = options;
    const startedMs = this.#nowMs();
    const place = placeOf(transaction);
    // What the last try that was on the wire ended with: whatever refuses the next, that is how it ended.
    let broken: GatewayError | undefined;
    for (let retries = 0; ; retries += 1) {
      if (this.#ladder.refusal !== undefined) throw broken ?? this.#ladder.refusal;
      const before: Before = { trips: passage.trips, takes: passage.takes };
      try {
        const bytes = await this.#watched(transaction, options);
        this.#silence.answered(place, this.#nowMs());
        this.#moved(place, true);
        return bytes;
      } catch (thrown) {
        const error = asGatewayError(thrown, 'bus_fault');
        if (passage.trips > before.trips) broken = error;
        const inTime = this.#nowMs() - startedMs < RETRY_WITHIN_MS && !passage.isOver;
        const isWorth = repeatable === true && error.code === 'bus_fault' && retries < MOST_RETRIES;
        const again = isWorth && inTime && this.#mayStand(passage);
        if (!again || this.#ladder.isClimbing) {
          this.#judge(place, error, options, before);
          throw broken ?? error;
        }
        this.#ladder.sayRetry(error);
      }
    }
  }

  /** Settles with the transaction, or rejects when it hangs; then the bus is given up. */
  #watched(
    transaction: I2cTransaction,
    options: TransferOptions & { readonly passage: Passage },
  ): Promise<Uint8Array> {
    const { bus } = this.#ladder;
    if (bus === undefined) {
      const message = `The ${this.#options.name} is not open.`;
      return Promise.reject(new GatewayError('bus_unavailable', message, { untried: true }));
    }
    return this.#patience.watch(
      options.passage,
      () => bus.transfer(transaction, options),
      () => {
        const seconds = String(HANGS_AFTER_MS / 1000);
        const message = `A transaction hangs for ${seconds} s; the bus is given up.`;
        const error = new GatewayError('timeout', message);
        this.#ladder.climb(error, 'reopen');
        return error;
      },
    );
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #moved(place: number, answered: boolean): void {
    this.#evidence.moved(place, answered, this.#nowMs());
    this.#ladder.works();
  }

  /** What the end of a try says of the bus: nothing, where the wire was not taken for it and the bus was there. */
  #judge(
    place: number,
    error: GatewayError,
    { passage, noAckIsBusy }: TransferOptions,
    before: Before,
  ): void {
    const wasTaken = passage !== undefined && passage.takes > before.takes;
    if (!wasTaken && error.code !== 'bus_unavailable') return;
    if (error.code === 'no_ack' && noAckIsBusy !== true) this.#missed(place);
    if (BUS_TROUBLES.has(error.code) && this.#evidence.failed(place, this.#nowMs()))
      this.#ladder.climb(error);
  }

  /** Nobody there is no fault of the bus, unless all fall silent together. */
  #missed(place: number): void {
    const { hook } = this.#options;
    const sign = this.#silence.missed(place, this.#nowMs());
    if (!this.#silence.isSuspicious) this.#moved(place, false);
    if (sign === undefined) return;
    // Never higher: a bus with nobody on it is not down.
    const rung = sign.attempt > 1 && hook !== undefined ? 'hook' : 'reopen';
    this.#ladder.take(rung, new GatewayError('no_ack', sign.message));
  }
}
