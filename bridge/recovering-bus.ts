// A bus that helps itself: what fails is retried, then the bus rests, is opened anew, is reset by a program of the
// user's, and at last is called down. Each step is said. Sits between the queue and the wire: it is given as many calls
// at once as the bus below takes ahead, which runs them one at a time.
import { asGatewayError, GatewayError, type ErrorCode } from '../shared/errors.js';
import type { Clock, I2cTransaction, OwnedI2cBus } from '../shared/ports.js';
import { BusEvidence } from './bus-evidence.js';
import { BusSilence } from './bus-silence.js';
import { pause } from './pause.js';
import { StepSayer, type RecoveryStep } from './step-sayer.js';
import { placeOf } from './target-holds.js';

/** The rungs of the ladder, each taken when the one before did not help. */
const LADDER = ['pause', 'reopen', 'hook', 'down'] as const;
type Rung = (typeof LADDER)[number];

/** Said of the bus; of one device say no_ack, checksum and all others. */
const BUS_TROUBLES: ReadonlySet<ErrorCode> = new Set(['timeout', 'bus_fault', 'bus_unavailable']);
const MOST_RETRIES = 2;
/** A kernel's own time-out is a second: what failed slowly is not tried again in the same turn. */
const RETRY_WITHIN_MS = 100;
/** Long enough for a target's own time-out to let the lines go. */
const PAUSE_MS = 250;
/** No driver of the kernel waits this long for a target; only a bus that hangs does. */
const HANGS_AFTER_MS = 5_000;
/** For the end of a transaction that was given up, before the bus is called down. */
const ENDS_WITHIN_MS = 3_000;

export interface RecoveringBusOptions {
  readonly name: string;
  /** `onLost` is told when the bus ended by itself. */
  readonly open: (onLost: (error: GatewayError) => void) => Promise<OwnedI2cBus>;
  /** Resets what can be reset, with the bus closed; resolves with a sentence on how it went. */
  readonly hook?: (signal: AbortSignal) => Promise<string>;
  readonly clock: Clock;
  readonly onStep: (step: RecoveryStep) => void;
  /** Nothing helped: whoever owns this closes it, and opens another one later. */
  readonly onDown: (error: GatewayError) => void;
  /** True where the one before this was down: the first rungs did not help then. */
  readonly afterDown: boolean;
}

export interface RecoveryCounts {
  readonly retries: number;
  readonly pauses: number;
  readonly reopened: number;
  readonly hooks: number;
}

export class RecoveringBus implements OwnedI2cBus {
  readonly #options: RecoveringBusOptions;
  readonly #evidence = new BusEvidence();
  readonly #silence = new BusSilence();
  readonly #sayer: StepSayer;
  readonly #abort = new AbortController();
  readonly #counts = { retries: 0, pauses: 0, reopened: 0, hooks: 0 };
  #bus: OwnedI2cBus | undefined;
  #rung: number;
  #recovering: Promise<void> | undefined;
  /** The rung that is being taken; never rejects. */
  #taking: Promise<unknown> = Promise.resolve();
  #refusal: GatewayError | undefined;
  /** Settles when nothing of the bus that was last discarded can be on the wire any more. */
  #ended: Promise<void> = Promise.resolve();

  constructor(options: RecoveringBusOptions) {
    this.#options = options;
    this.#sayer = new StepSayer(options.clock, options.onStep, options.afterDown);
    this.#rung = options.afterDown ? LADDER.indexOf('hook') : 0;
  }

  get takesAhead(): number {
    return this.#bus?.takesAhead ?? 0;
  }

  /** Settles when nothing of it can be on the wire any more. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  counts(): RecoveryCounts {
    return { ...this.#counts };
  }

  /** Once. Rejects as the bus's own open does. */
  async open(): Promise<void> {
    this.#bus = await this.#options.open((error) => {
      this.#begin(error, 'reopen');
    });
  }

  /** Rejects with the bus's errors; with bus_unavailable while it is reset or down. */
  async transfer(transaction: I2cTransaction, repeatable = false): Promise<Uint8Array> {
    while (this.#recovering !== undefined && this.#refusal === undefined) await this.#taking;
    const startedMs = this.#options.clock.monotonicMs();
    for (let retries = 0; ; retries += 1) {
      if (this.#refusal !== undefined) throw this.#refusal;
      try {
        const bytes = await this.#watched(transaction);
        this.#silence.answered(placeOf(transaction), this.#options.clock.monotonicMs());
        this.#moved(placeOf(transaction), true);
        return bytes;
      } catch (thrown) {
        const error = asGatewayError(thrown, 'bus_fault');
        const inTime = this.#options.clock.monotonicMs() - startedMs < RETRY_WITHIN_MS;
        const again = repeatable && error.code === 'bus_fault' && retries < MOST_RETRIES && inTime;
        if (!again || this.#recovering !== undefined) throw this.#judged(placeOf(transaction), error);
        this.#say('retry', error);
      }
    }
  }

  /** Ends a recovery that is under way, and closes the bus. */
  async close(): Promise<void> {
    this.#refusal = new GatewayError('closed', `The ${this.#options.name} is closed.`);
    this.#abort.abort();
    await this.#discard();
    await this.#recovering;
  }

  /** Settles with the transaction, or rejects when it hangs; then the bus is given up. */
  #watched(transaction: I2cTransaction): Promise<Uint8Array> {
    const bus = this.#bus;
    if (bus === undefined)
      return Promise.reject(
        new GatewayError('bus_unavailable', `The ${this.#options.name} is not open.`, { untried: true }),
      );
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after(HANGS_AFTER_MS, () => {
        const seconds = String(HANGS_AFTER_MS / 1000);
        const error = new GatewayError(
          'timeout',
          `A transaction hangs for ${seconds} s; the bus is given up.`,
        );
        this.#begin(error, 'reopen');
        reject(error);
      });
      void bus.transfer(transaction).then(resolve, reject).finally(cancel);
    });
  }

  #moved(place: number, answered: boolean): void {
    this.#evidence.moved(place, answered);
    if (this.#recovering !== undefined) return;
    this.#rung = 0;
    this.#sayer.up();
  }

  #judged(place: number, error: GatewayError): GatewayError {
    if (error.code === 'no_ack') this.#missed(place);
    if (BUS_TROUBLES.has(error.code) && this.#evidence.failed(place)) this.#begin(error);
    return error;
  }

  /** Nobody there is no fault of the bus, unless all fall silent together. */
  #missed(place: number): void {
    const { clock, hook } = this.#options;
    const sign = this.#silence.missed(place, clock.monotonicMs());
    if (!this.#silence.isSuspicious) this.#moved(place, false);
    if (sign === undefined || this.#recovering !== undefined) return;
    // Never higher: a bus with nobody on it is not down.
    const rung = sign.attempt > 1 && hook !== undefined ? 'hook' : 'reopen';
    this.#rung = LADDER.indexOf(rung);
    this.#begin(new GatewayError('no_ack', sign.message), rung);
  }

  /** Climbs to the next rung, or to `from` where the lower ones can't help. One at a time. */
  #begin(error: GatewayError, from: Rung = 'pause'): void {
    if (this.#recovering !== undefined || this.#refusal !== undefined) return;
    this.#rung = Math.max(this.#rung, LADDER.indexOf(from));
    this.#recovering = this.#climb(error).finally(() => {
      this.#recovering = undefined;
    });
  }

  /** Never rejects: what does not work leads to the next rung. */
  async #climb(error: GatewayError): Promise<void> {
    let reason = error;
    while (!this.#abort.signal.aborted) {
      const rung = LADDER[this.#rung] ?? 'down';
      this.#rung += 1;
      try {
        const taking = this.#take(rung, reason);
        this.#taking = Promise.allSettled([taking]);
        await taking;
        this.#evidence.forget();
        return;
      } catch (thrown) {
        reason = asGatewayError(thrown, 'bus_unavailable');
      }
    }
  }

  /** Rejects where the next rung is to be taken at once. */
  async #take(rung: Rung, error: GatewayError): Promise<void> {
    const { name, hook, clock, onDown } = this.#options;
    if (rung === 'hook') return this.#reset(hook, error);
    this.#say(rung, error);
    if (rung === 'pause') return pause(clock, PAUSE_MS);
    if (rung === 'reopen') return this.#reopen();
    this.#refusal = new GatewayError('bus_unavailable', `The ${name} is down: ${error.message}`, {
      cause: error,
      untried: true,
    });
    onDown(this.#refusal);
  }

  async #reset(hook: RecoveringBusOptions['hook'], error: GatewayError): Promise<void> {
    if (hook === undefined) throw error;
    const { name } = this.#options;
    this.#refusal = new GatewayError('bus_unavailable', `The ${name} is being reset.`, {
      cause: error,
      untried: true,
    });
    try {
      await this.#discard();
      this.#say('hook', error, await hook(this.#abort.signal));
      await this.#reopen();
    } finally {
      if (!this.#abort.signal.aborted) this.#refusal = undefined;
    }
  }

  async #reopen(): Promise<void> {
    await this.#discard();
    if (!this.#isClosing()) await this.#untilEnded();
    if (this.#isClosing()) return;
    await this.open();
    if (this.#isClosing()) await this.#discard();
  }

  #isClosing(): boolean {
    return this.#abort.signal.aborted;
  }

  async #discard(): Promise<void> {
    const bus = this.#bus;
    this.#bus = undefined;
    if (bus === undefined) return;
    await bus.close();
    this.#ended = bus.ended ?? Promise.resolve();
  }

  /** What still runs on the wire has it: nothing else goes there before (DESIGN promise 1). */
  #untilEnded(): Promise<void> {
    const { clock, name } = this.#options;
    return new Promise((resolve, reject) => {
      const cancel = clock.after(ENDS_WITHIN_MS, () => {
        reject(new GatewayError('bus_unavailable', `A transaction on the ${name} still hangs.`));
      });
      const done = (): void => {
        cancel();
        resolve();
      };
      this.#abort.signal.addEventListener('abort', done, { once: true });
      void this.#ended.then(done);
    });
  }

  #say(step: Rung | 'retry', error: GatewayError, how?: string): void {
    if (step === 'retry') this.#counts.retries += 1;
    if (step === 'pause') this.#counts.pauses += 1;
    if (step === 'reopen') this.#counts.reopened += 1;
    if (step === 'hook') this.#counts.hooks += 1;
    const message = how === undefined ? error.message : `${error.message} ${how}`;
    this.#sayer.say({ type: `bus.${step}`, code: error.code, message });
  }
}
