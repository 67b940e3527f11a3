// Starts the parts in order, stops them in reverse, and decides what one part's failure means for all
// (docs/architecture.md#the-layers).
import { asGatewayError } from '../../shared/errors.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import { type PartHealth, SupervisedPart } from './supervised-part.js';

export interface Supervised {
  readonly component: Component;
  /** Whether it can come back by itself while the others run on. Default: no, its failure ends the gateway. */
  readonly restartable?: boolean;
}

/** Ctrl-C ends within this, whatever hangs. */
const STOP_ALL_WITHIN_MS = 5_000;
/** One part that hangs must leave time for the others: the store comes last and has the most to lose. */
const STOP_ONE_WITHIN_MS = 2_000;

export class Supervisor {
  /** Resolves once everything has stopped: with the first error, which is the process's, or undefined. */
  readonly ended: Promise<Error | undefined>;
  readonly #parts: readonly SupervisedPart[];
  readonly #restartable: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #log: Log;
  #firstError: Error | undefined;
  #stopping: Promise<void> | undefined;
  #end: (error: Error | undefined) => void = () => undefined;

  /** `supervised` in the order of their start. */
  constructor(supervised: readonly Supervised[], clock: Clock, log: Log) {
    this.#parts = supervised.map(({ component }) => new SupervisedPart(component, clock, log));
    this.#restartable = new Set(supervised.filter((one) => one.restartable).map((one) => one.component.name));
    this.#clock = clock;
    this.#log = log;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /**
   * Resolves when every part runs, or when `stop` was called meanwhile. When a part does not start (restartable or
   * not: what fails from the beginning is a mistake to be seen at once), those before it are stopped and it rejects
   * with that part's error.
   */
  async start(): Promise<void> {
    for (const part of this.#parts) {
      if (this.#stopping !== undefined) break;
      try {
        await part.start();
      } catch (error) {
        this.#firstError ??= asGatewayError(error);
        break;
      }
    }
    if (this.#firstError === undefined) return;
    await this.stop();
    throw this.#firstError;
  }

  /** Stops in reverse, within 5 s; a second call waits for the first. Never rejects: `ended` has the first error. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** A part's own report that it can't go on: it is restarted if it may be, else everything stops. */
  fail(name: string, error: Error): void {
    const part = this.#parts.find((one) => one.name === name);
    if (part === undefined) throw new RangeError(`no part is named ${name}`);
    if (this.#stopping !== undefined) {
      this.#log.warn({ part: name, err: error }, `${name} failed while the gateway stops`);
    } else if (this.#restartable.has(name)) {
      part.restart(error);
    } else {
      part.markFailed(error);
      this.#firstError = error;
      this.#log.error({ part: name, err: error }, `${name} failed and can't be restarted: the gateway stops`);
      void this.stop();
    }
  }

  health(): readonly PartHealth[] {
    return this.#parts.map((part) => part.health());
  }

  async #stopAll(): Promise<void> {
    const endMs = this.#clock.monotonicMs() + STOP_ALL_WITHIN_MS;
    for (const part of this.#parts.toReversed()) {
      const leftMs = Math.max(0, endMs - this.#clock.monotonicMs());
      const error = await part.stop(Math.min(leftMs, STOP_ONE_WITHIN_MS));
      this.#firstError ??= error;
    }
    this.#end(this.#firstError);
  }
}
