// What helps a bus that fails: it rests, is opened anew, is reset by a program of the user's, and at last is called down.
// Each step is taken when the one before did not help, one at a time, and is said.
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import type { Clock, OwnedI2cBus } from '../../shared/ports.js';
import { pause } from '../time/pause.js';
import { StepSayer, type RecoveryStep } from './step-sayer.js';

const RUNGS = ['pause', 'reopen', 'hook', 'down'] as const;
export type Rung = (typeof RUNGS)[number];

/** Long enough for a target's own time-out to let the lines go. */
const PAUSE_MS = 250;
/** For the end of a transaction that was given up, before the bus is called down. */
const ENDS_WITHIN_MS = 3_000;

export interface LadderOptions {
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

export class Ladder {
  readonly #options: LadderOptions;
  readonly #onHelped: () => void;
  readonly #sayer: StepSayer;
  readonly #abort = new AbortController();
  readonly #counts = { retries: 0, pauses: 0, reopened: 0, hooks: 0 };
  #bus: OwnedI2cBus | undefined;
  #rung: number;
  #climbing: Promise<void> | undefined;
  #taking: Promise<unknown> = Promise.resolve();
  #refusal: GatewayError | undefined;
  #ended: Promise<void> = Promise.resolve();

  /** `onHelped` is told when a rung was taken and transactions may be tried again. */
  constructor(options: LadderOptions, onHelped: () => void) {
    this.#options = options;
    this.#onHelped = onHelped;
    this.#sayer = new StepSayer(options.clock, options.onStep, options.afterDown);
    this.#rung = options.afterDown ? RUNGS.indexOf('hook') : 0;
  }

  get bus(): OwnedI2cBus | undefined {
    return this.#bus;
  }

  get isClimbing(): boolean {
    return this.#climbing !== undefined;
  }

  /** Why nothing is run now, and nobody is to wait. */
  get refusal(): GatewayError | undefined {
    return this.#refusal;
  }

  /** Settles when the rung that is being taken is taken; never rejects. */
  get taking(): Promise<unknown> {
    return this.#taking;
  }

  /** Settles when nothing of the bus that was last discarded can be on the wire any more. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  counts(): RecoveryCounts {
    return { ...this.#counts };
  }

  /** Rejects as the bus's own open does. */
  async open(): Promise<void> {
    this.#bus = await this.#options.open((error) => {
      this.climb(error, 'reopen');
    });
  }

  /** Climbs to the next rung, or to `from` where the lower ones can't help. One at a time. */
  climb(error: GatewayError, from: Rung = 'pause'): void {
    if (this.#climbing !== undefined || this.#refusal !== undefined) return;
    this.#rung = Math.max(this.#rung, RUNGS.indexOf(from));
    this.#climbing = this.#climb(error).finally(() => {
      this.#climbing = undefined;
    });
  }

  /** Takes this rung, however high it was before. */
  take(rung: Rung, error: GatewayError): void {
    if (this.#climbing !== undefined) return;
    this.#rung = RUNGS.indexOf(rung);
    this.climb(error, rung);
  }

  /** A transaction works: the next trouble begins at the first rung. */
  works(): void {
    if (this.#climbing !== undefined) return;
    this.#rung = 0;
    this.#sayer.up();
  }

  sayRetry(error: GatewayError): void {
    this.#counts.retries += 1;
    this.#say('retry', error);
  }

  /** Ends what is under way, and closes the bus. */
  async close(): Promise<void> {
    this.#refusal = new GatewayError('closed', `The ${this.#options.name} is closed.`);
    this.#abort.abort();
    await this.#discard();
    await this.#climbing;
  }

  /** Never rejects: what does not work leads to the next rung. */
  async #climb(error: GatewayError): Promise<void> {
    let reason = error;
    while (!this.#abort.signal.aborted) {
      const rung = RUNGS[this.#rung] ?? 'down';
      this.#rung += 1;
      try {
        const taking = this.#take(rung, reason);
        this.#taking = Promise.allSettled([taking]);
        await taking;
        this.#onHelped();
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
    if (rung === 'pause') this.#counts.pauses += 1;
    if (rung === 'reopen') this.#counts.reopened += 1;
    this.#say(rung, error);
    if (rung === 'pause') return pause(clock, PAUSE_MS);
    if (rung === 'reopen') return this.#reopen();
    this.#refusal = unavailable(`The ${name} is down: ${error.message}`, error);
    onDown(this.#refusal);
  }

  async #reset(hook: LadderOptions['hook'], error: GatewayError): Promise<void> {
    if (hook === undefined) throw error;
    this.#refusal = unavailable(`The ${this.#options.name} is being reset.`, error);
    try {
      await this.#discard();
      const how = await hook(this.#abort.signal);
      this.#counts.hooks += 1;
      this.#say('hook', error, ` ${how}`);
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

  /** What still runs on the wire has it, and nothing else goes there before: one at a time. */
  #untilEnded(): Promise<void> {
    const { clock, name } = this.#options;
    return new Promise((resolve, reject) => {
      const cancel = clock.after(ENDS_WITHIN_MS, () => {
        signal.removeEventListener('abort', done);
        reject(new GatewayError('bus_unavailable', `A transaction on the ${name} still hangs.`));
      });
      const { signal } = this.#abort;
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      void this.#ended.then(done);
    });
  }

  #say(step: Rung | 'retry', { code, message }: GatewayError, how = ''): void {
    this.#sayer.say({ type: `bus.${step}`, code, message: `${message}${how}` });
  }
}

function unavailable(message: string, cause: GatewayError): GatewayError {
  return new GatewayError('bus_unavailable', message, { cause, untried: true });
}
