// The end at an outside broker: everything is said and DISCONNECT, and no stop waits longer than this for one that does not
// answer. What the parts above wait for ends before their own time does.
import type { Clock, Log } from '../../../shared/ports.js';
import { within } from '../../../shared/within.js';
import type { OutsideConnection } from './link/connection.js';

const PATIENCE_MS = 1500;
const LOOK_AGAIN_MS = 300;
const GOODBYE_MS = 1500;

export interface GoodbyeOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How many messages wait for the broker. */
  readonly waiting: () => number;
  /** Told once: nobody waits for it any more. */
  readonly onGivenUp: (waiting: number) => void;
}

export class Goodbye {
  readonly #options: GoodbyeOptions;
  #isOver = false;
  #cancel = (): void => undefined;

  constructor(options: GoodbyeOptions) {
    this.#options = options;
  }

  /** From now on nothing is sent to the broker, nor waited for. */
  get isOver(): boolean {
    return this.#isOver;
  }

  begin(): void {
    this.#lookAfter(PATIENCE_MS);
  }

  /** Says what is to be said after everything that waits, then DISCONNECT; without an answer the broker publishes the will. */
  async end(connection: OutsideConnection | undefined, say: () => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    this.#cancel();
    const saying = connection === undefined || this.#isOver ? 'given_up' : this.#goodbye(connection, say);
    const outcome = saying === 'given_up' ? saying : await within(saying, GOODBYE_MS, clock);
    if (outcome === 'given_up') connection?.breakOff();
  }

  reset(): void {
    this.#isOver = false;
  }

  async #goodbye(connection: OutsideConnection, say: () => Promise<void>): Promise<void> {
    try {
      await say();
      await connection.end();
    } catch (err) {
      const { log } = this.#options;
      log.debug({ err }, 'the connection to the outside broker ended before everything was said');
    }
  }

  #lookAfter(ms: number): void {
    this.#cancel = this.#options.clock.after(ms, () => {
      const waiting = this.#options.waiting();
      if (waiting === 0) {
        this.#lookAfter(LOOK_AGAIN_MS);
        return;
      }
      this.#isOver = true;
      this.#options.onGivenUp(waiting);
    });
  }
}
