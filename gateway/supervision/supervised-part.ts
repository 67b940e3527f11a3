// One component under supervision: brought up, taken down within a deadline, and where allowed restarted with
// growing pauses. The supervisor decides about all parts together; what happens to one is here.
import { asGatewayError, type ErrorBody } from '../../shared/errors.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import { within } from '../../shared/within.js';

export type PartState = 'stopped' | 'starting' | 'running' | 'restarting' | 'failed';

export interface PartHealth {
  readonly name: string;
  readonly state: PartState;
  /** Attempts to bring it up again since the gateway started. */
  readonly restarts: number;
  /** Why it last failed; stays after it is back. */
  readonly error?: ErrorBody;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A part that ran this long has recovered: its next failure begins with the shortest pause again. */
const STABLE_AFTER_MS = 60_000;
/** A failed part that does not even stop is started again all the same after this long. */
const TAKE_DOWN_WITHIN_MS = 2_000;

export class SupervisedPart {
  readonly #component: Component;
  readonly #clock: Clock;
  readonly #log: Log;
  #state: PartState = 'stopped';
  #isUp = false;
  #isEnding = false;
  #upSinceMs = 0;
  #restarts = 0;
  #pauses = 0;
  #error: Error | undefined;
  #failedWhileStarting: Error | undefined;
  /** The start or stop that runs; never rejects. A later one waits for it. */
  #working: Promise<unknown> = Promise.resolve();
  #cancelPause = (): void => undefined;

  constructor(component: Component, clock: Clock, log: Log) {
    this.#component = component;
    this.#clock = clock;
    this.#log = log.child({ part: component.name });
  }

  get name(): string {
    return this.#component.name;
  }

  health(): PartHealth {
    const error = this.#error === undefined ? {} : { error: asGatewayError(this.#error).toBody() };
    return { name: this.name, state: this.#state, restarts: this.#restarts, ...error };
  }

  /** Rejects with what the component's start rejected with, or with what it reported while it started. */
  async start(): Promise<void> {
    this.#state = 'starting';
    const starting = this.#bringUp();
    this.#working = Promise.allSettled([starting]);
    try {
      await starting;
    } catch (error) {
      this.markFailed(asGatewayError(error));
      throw error;
    }
  }

  /** It has failed for good; only `stop` comes after this. */
  markFailed(error: Error): void {
    this.#state = 'failed';
    this.#error = error;
    this.#failedWhileStarting = error;
  }

  /** It has failed while it ran or started: it is taken down now and brought up again after a pause. */
  restart(error: Error): void {
    if (this.#isEnding) return;
    if (this.#state !== 'running') {
      this.#failedWhileStarting = error;
      this.#log.debug({ err: error, state: this.#state }, `${this.name} failed again before it ran`);
      return;
    }
    if (this.#clock.monotonicMs() - this.#upSinceMs >= STABLE_AFTER_MS) this.#pauses = 0;
    this.#working = this.#takeDownAndPause(error);
  }

  /** Resolves when it is stopped or given up: with the reason it did not stop well, or undefined. Never rejects. */
  async stop(withinMs: number): Promise<Error | undefined> {
    this.#isEnding = true;
    this.#cancelPause();
    const error = await this.#within(
      withinMs,
      this.#working.then(() => this.#takeDown(withinMs)),
    );
    if (this.#state !== 'failed') this.#state = error === undefined ? 'stopped' : 'failed';
    this.#error = error ?? this.#error;
    return error;
  }

  async #bringUp(): Promise<void> {
    await this.#component.start();
    this.#isUp = true;
    this.#upSinceMs = this.#clock.monotonicMs();
    if (this.#failedWhileStarting !== undefined) throw this.#failedWhileStarting;
    this.#state = 'running';
    this.#log.debug({}, 'runs');
  }

  async #takeDown(withinMs: number): Promise<void> {
    if (!this.#isUp) return;
    this.#isUp = false;
    await this.#component.stop(withinMs);
  }

  async #takeDownAndPause(error: Error): Promise<void> {
    this.#state = 'restarting';
    this.#error = error;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#pauses, LONGEST_PAUSE_MS);
    this.#pauses += 1;
    this.#log.warn({ err: error, pauseMs }, `${this.name} failed and is restarted after a pause`);
    await this.#within(TAKE_DOWN_WITHIN_MS, this.#takeDown(TAKE_DOWN_WITHIN_MS));
    if (this.#isEnding) return;
    this.#cancelPause = this.#clock.after(pauseMs, () => {
      this.#working = this.#tryAgain();
    });
  }

  async #tryAgain(): Promise<void> {
    this.#restarts += 1;
    this.#failedWhileStarting = undefined;
    try {
      await this.#bringUp();
      this.#log.info({ restarts: this.#restarts }, `${this.name} runs again`);
    } catch (error) {
      await this.#takeDownAndPause(asGatewayError(error));
    }
  }

  /** undefined when the work was done in time; else why not, which is also in the log. */
  async #within(limitMs: number, work: Promise<void>): Promise<Error | undefined> {
    const settled = work.then(
      () => undefined,
      (thrown: unknown) => asGatewayError(thrown),
    );
    const outcome = await within(settled, limitMs, this.#clock);
    const error =
      outcome === 'ended' ? await settled : new Error(`${this.name} did not stop in time and was given up`);
    if (error !== undefined) this.#log.error({ err: error, limitMs }, `${this.name} did not stop well`);
    return error;
  }
}
