// The wire behind the kernel's lock: one transaction at a time, whoever asks, and one that hangs has it until it ends,
// whatever becomes of who asked. Each `open` is what a process of a bus would have.
import { GatewayError } from '../../../shared/errors.js';
import type { Clock, I2cTransaction, OwnedI2cBus } from '../../../shared/ports.js';
import { within } from '../../../shared/within.js';
import type { Behaviour } from './scripted-bus.js';

/** As `Behaviour`; with `until` it hangs so long. */
export type WireBehaviour = (
  transaction: I2cTransaction,
) => ReturnType<Behaviour> & { readonly until?: Promise<void> };

/** Whose transactions they are: of who was killed none begins any more. */
export interface Life {
  readonly isOver: boolean;
}

const CLOSE_WITHIN_MS = 1500;

export class KernelWire {
  /** A process that handed over more than its bus takes, or opened it anew while what was given up still ran. */
  overlaps = 0;
  /** Told of each transaction when it begins. */
  onBegin: (transaction: I2cTransaction) => void = () => undefined;
  readonly #clock: Clock;
  readonly #behaviour: WireBehaviour;
  /** The kernel's lock: settles when the last that waits for it has ended. */
  #lock: Promise<unknown> = Promise.resolve();
  #running: { readonly life: Life; readonly handle: symbol } | undefined;

  constructor(clock: Clock, behaviour: WireBehaviour) {
    this.#clock = clock;
    this.#behaviour = behaviour;
  }

  open(life: Life, takesAhead = 1): OwnedI2cBus {
    const handle = Symbol('handle');
    let [handed, isClosed, last] = [0, false, Promise.resolve<unknown>(undefined)];
    let giveUp: (error: GatewayError) => void = () => undefined;
    const givenUp = new Promise<never>((_, reject) => (giveUp = reject));
    givenUp.catch(() => undefined);
    const ended = async (): Promise<void> => {
      await Promise.allSettled([last]);
    };
    return {
      takesAhead,
      transfer: async (transaction, { passage } = {}) => {
        if (isClosed) throw new GatewayError('closed', 'The wire is closed.');
        const isOthers = this.#running?.life === life && this.#running.handle !== handle;
        if (handed > takesAhead || isOthers) this.overlaps += 1;
        passage?.handOver();
        handed += 1;
        const mayBegin = (): boolean => !life.isOver && !isClosed;
        const before = last;
        // A process takes it for its own wire when the one before is answered, whoever else has the kernel's lock.
        const run = async (): Promise<Uint8Array> => {
          await Promise.allSettled([before]);
          if (mayBegin()) passage?.begin();
          return this.#locked(transaction, { life, handle }, mayBegin);
        };
        const outcome = run().finally(() => (handed -= 1));
        last = outcome;
        return Promise.race([outcome, givenUp]);
      },
      close: async () => {
        isClosed = true;
        if ((await within(ended(), CLOSE_WITHIN_MS, this.#clock)) === 'given_up')
          giveUp(new GatewayError('timeout', 'It hung while the wire was closed.'));
      },
      get ended() {
        return ended();
      },
    };
  }

  #locked(
    transaction: I2cTransaction,
    by: { readonly life: Life; readonly handle: symbol },
    mayBegin: () => boolean,
  ): Promise<Uint8Array> {
    const outcome = this.#lock.then(() => {
      if (mayBegin()) return this.#perform(transaction, by);
      throw new GatewayError('closed', 'The wire is closed.');
    });
    this.#lock = Promise.allSettled([outcome]);
    return outcome;
  }

  async #perform(
    transaction: I2cTransaction,
    by: { readonly life: Life; readonly handle: symbol },
  ): Promise<Uint8Array> {
    this.#running = by;
    this.onBegin(transaction);
    const { takesMs = 0, bytes = [], error, until } = this.#behaviour(transaction);
    await (until ?? new Promise<void>((resolve) => this.#clock.after(takesMs, resolve)));
    this.#running = undefined;
    if (error !== undefined) throw error;
    return Uint8Array.from(bytes);
  }
}
