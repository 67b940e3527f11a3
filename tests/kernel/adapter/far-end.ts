// What hangs on an adapter: a simulated bus, and a hand that can hold the clock of its wire.
import { setTimeout as sleep } from 'node:timers/promises';
import { asGatewayError } from '../../../shared/errors.js';
import type { I2cBus, I2cTransaction } from '../../../shared/ports.js';

/** As often an adapter looks whether the clock is free again. */
const LOOK_EVERY_MS = 5;

export class FarEnd {
  readonly #bus: I2cBus;
  #held: Promise<void> | undefined;
  /** An adapter is busy until the wire is free, also when the kernel waits no longer. */
  #last: Promise<unknown> = Promise.resolve();
  #transactions = 0;

  constructor(bus: I2cBus) {
    this.#bus = bus;
  }

  /** Transactions that were asked for, be the wire free or not. */
  get transactions(): number {
    return this.#transactions;
  }

  /** Some target holds the clock from now on, until the returned function is called. */
  holdClock(): () => void {
    let release = (): void => undefined;
    this.#held = new Promise((resolve) => {
      release = () => {
        this.#held = undefined;
        resolve();
      };
    });
    return release;
  }

  /**
   * The bytes read, or 'no_ack'. Where a target holds the clock it waits as long as that lasts, as an adapter does
   * that knows no time-out of its own.
   */
  run(transaction: I2cTransaction): Promise<Uint8Array | 'no_ack'> {
    this.#transactions += 1;
    const outcome = this.#last.then(() => this.#run(transaction));
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }

  async #run(transaction: I2cTransaction): Promise<Uint8Array | 'no_ack'> {
    for (;;) {
      await this.#held;
      try {
        return await this.#bus.transfer(transaction);
      } catch (thrown) {
        const error = asGatewayError(thrown);
        if (error.code === 'no_ack') return 'no_ack';
        if (error.code !== 'timeout') throw error;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }
}
