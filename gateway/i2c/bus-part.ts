// A configured bus as a part with a life: opened at start, behind its queue for everybody, closed when nothing runs on it.
import { BusQueue, type BusQueueStats } from '../../bridge/bus-queue.js';
import { GatewayError } from '../../shared/errors.js';
import type {
  Clock,
  Component,
  I2cTransaction,
  OwnedI2cBus,
  QueuedI2cBus,
  QueuedTransfer,
  QueuedTransferOptions,
} from '../../shared/ports.js';

/** Waiting transactions of each priority: at 1 ms a transaction a quarter of a second of work. */
const QUEUE_LIMIT = 256;

export class BusPart implements Component, QueuedI2cBus {
  readonly name: string;
  readonly #open: () => Promise<OwnedI2cBus>;
  readonly #clock: Clock;
  #queue: BusQueue | undefined;
  #reported = { busyMs: 0, atMs: 0 };

  /** `open` is called at start; the bus it gives is nobody's but the queue's. */
  constructor(id: string, open: () => Promise<OwnedI2cBus>, clock: Clock) {
    this.name = `bus ${id}`;
    this.#open = open;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.#queue = new BusQueue({ bus: await this.#open(), clock: this.#clock, limit: QUEUE_LIMIT });
    this.#reported = { busyMs: 0, atMs: this.#clock.monotonicMs() };
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

  converse<T>(talk: (transfer: QueuedTransfer) => Promise<T>): Promise<T> {
    const queue = this.#queue;
    return queue === undefined
      ? Promise.reject(new GatewayError('closed', `The ${this.name} is not open.`))
      : queue.converse(talk);
  }

  /** Counts since start, and the share of the time since the last report in which the bus was taken (0 to 1). */
  health(): (BusQueueStats & { readonly utilisation: number }) | undefined {
    const stats = this.#queue?.stats();
    if (stats === undefined) return undefined;
    const atMs = this.#clock.monotonicMs();
    const utilisation = (stats.busyMs - this.#reported.busyMs) / Math.max(1, atMs - this.#reported.atMs);
    this.#reported = { busyMs: stats.busyMs, atMs };
    return {
      ...stats,
      busyMs: Math.round(stats.busyMs),
      longestWaitMs: Math.round(stats.longestWaitMs),
      utilisation: Math.round(utilisation * 1000) / 1000,
    };
  }
}
