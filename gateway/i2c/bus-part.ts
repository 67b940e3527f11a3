// A configured bus as a part with a life: opened at start, behind its queue for everybody, closed when nothing runs on it.
import { BusQueue, type BusQueueStats } from '../../bridge/bus-queue.js';
import { GatewayError } from '../../shared/errors.js';
import type {
  Clock,
  Component,
  I2cTransaction,
  OwnedI2cBus,
  QueuedI2cBus,
  QueuedTransferOptions,
} from '../../shared/ports.js';

/** Waiting transactions of each priority: at 1 ms a transaction a quarter of a second of work. */
const QUEUE_LIMIT = 256;

export class BusPart implements Component, QueuedI2cBus {
  readonly name: string;
  readonly #open: () => Promise<OwnedI2cBus>;
  readonly #clock: Clock;
  #queue: BusQueue | undefined;
  #openedMs = 0;

  /** `open` is called at start; the bus it gives is nobody's but the queue's. */
  constructor(id: string, open: () => Promise<OwnedI2cBus>, clock: Clock) {
    this.name = `bus ${id}`;
    this.#open = open;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.#queue = new BusQueue({ bus: await this.#open(), clock: this.#clock, limit: QUEUE_LIMIT });
    this.#openedMs = this.#clock.monotonicMs();
  }

  async stop(): Promise<void> {
    await this.#queue?.close();
  }

  transfer(transaction: I2cTransaction, options: QueuedTransferOptions): Promise<Uint8Array> {
    const queue = this.#queue;
    return queue === undefined
      ? Promise.reject(new GatewayError('closed', `The ${this.name} is not open.`))
      : queue.transfer(transaction, options);
  }

  /** Counts since start, and the share of that time in which the bus was taken (0 to 1). */
  health(): (BusQueueStats & { readonly utilisation: number }) | undefined {
    const stats = this.#queue?.stats();
    if (stats === undefined) return undefined;
    const openMs = Math.max(1, this.#clock.monotonicMs() - this.#openedMs);
    return { ...stats, utilisation: Math.round((stats.busyMs / openMs) * 1000) / 1000 };
  }
}
