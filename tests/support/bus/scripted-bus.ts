// The double at the wire: a bus that takes as long as it is told, and never forgives two transactions at once.
import { GatewayError } from '../../../shared/errors.js';
import type { Passage } from '../../../shared/passage.js';
import type { Clock, I2cTransaction, OwnedI2cBus, TransferOptions } from '../../../shared/ports.js';

export type Behaviour = (transaction: I2cTransaction) => {
  readonly takesMs?: number;
  readonly bytes?: readonly number[];
  readonly error?: GatewayError;
};

export class ScriptedBus implements OwnedI2cBus {
  /** Every transaction that began, in order. */
  readonly seen: I2cTransaction[] = [];
  /** Two at once: the one thing a queue must never let happen. */
  overlaps = 0;
  closed = false;
  /** Told of each transaction when it begins. */
  onBegin: (transaction: I2cTransaction) => void = () => undefined;
  running = 0;
  readonly #clock: Clock;
  #behaviour: Behaviour;
  #running = Promise.resolve();
  readonly takesAhead: number;
  /** What was handed over and has not ended. */
  #handed = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, behaviour: Behaviour = () => ({}), takesAhead = 0) {
    this.#clock = clock;
    this.#behaviour = behaviour;
    this.takesAhead = takesAhead;
  }

  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  /** Of those it takes ahead each begins when the one before has ended, as in the process of a Linux bus. */
  async transfer(transaction: I2cTransaction, { passage }: TransferOptions = {}): Promise<Uint8Array> {
    if (this.closed) throw new GatewayError('internal', 'transfer after close');
    if (this.#handed > this.takesAhead) {
      this.overlaps += 1;
      throw new GatewayError('internal', 'two transactions at once');
    }
    passage?.handOver();
    this.#handed += 1;
    const perform = (): Promise<Uint8Array> => this.#perform(transaction, passage);
    const outcome = this.#handed === 1 ? perform() : this.#last.then(perform);
    const ended = (): void => {
      this.#handed -= 1;
    };
    this.#last = outcome.then(ended, ended);
    return outcome;
  }

  async #perform(transaction: I2cTransaction, passage: Passage | undefined): Promise<Uint8Array> {
    passage?.begin();
    this.running += 1;
    this.seen.push(transaction);
    this.onBegin(transaction);
    const { takesMs = 0, bytes = [], error } = this.#behaviour(transaction);
    this.#running = new Promise<void>((resolve) => this.#clock.after(takesMs, resolve));
    await this.#running;
    this.running -= 1;
    if (error?.untried === true) passage?.neverLeft();
    if (error !== undefined) throw error;
    return Uint8Array.from(bytes);
  }

  /** Waits for the running transaction; what comes later is refused. */
  async close(): Promise<void> {
    this.closed = true;
    await this.#last;
  }
}
