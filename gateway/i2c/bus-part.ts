// A configured bus as a part with a life: opened at start, behind its queue for everybody, closed when nothing runs on it.
import { BusQueue, type BusQueueStats } from '../../bridge/bus/queue.js';
import type { RecoveryCounts } from '../../bridge/bus/ladder.js';
import { RecoveringBus, type RecoveringBusOptions } from '../../bridge/bus/recovering.js';
import type { RecoveryStep } from '../../bridge/bus/step-sayer.js';
import { GatewayError } from '../../shared/errors.js';
import type {
  Clock,
  Component,
  I2cTransaction,
  QueuedI2cBus,
  QueuedTransfer,
  QueuedTransferOptions,
} from '../../shared/ports.js';
import { BusPulse } from './bus-pulse.js';

/** Waiting transactions of each priority: at 1 ms a transaction a quarter of a second of work. */
const QUEUE_LIMIT = 256;
/** The ladder's first rung comes after three failures, each of which may be a hang of 5 s: those lost by them count. */
const LOST_BEFORE_MS = 30_000;

export interface BusPartOptions extends Pick<RecoveringBusOptions, 'open' | 'hook' | 'clock' | 'onStep'> {
  readonly id: string;
  /** How long `hook` may take. */
  readonly hookWithinMs?: number;
  /** The bus is down: the part is to be stopped, and started again later. */
  readonly onDown: (error: GatewayError) => void;
  readonly onOtherDevices?: () => void;
}

/** Since start; `down` while it is not open, with nothing to count. */
export type BusHealth =
  | { readonly state: 'down' }
  | (BusQueueStats & {
      readonly state: 'up';
      /** The share of the time since the last report in which the bus was taken, 0 to 1. */
      readonly utilisation: number;
      readonly recovery: RecoveryCounts;
    });

/** From the first rung of the ladder until the bus works again. */
interface Trouble {
  readonly sinceMs: number;
  readonly down?: GatewayError;
}

interface Opened {
  readonly bus: RecoveringBus;
  readonly queue: BusQueue;
}

export class BusPart implements Component, QueuedI2cBus {
  readonly name: string;
  readonly #options: BusPartOptions;
  readonly #clock: Clock;
  #opened: Opened | undefined;
  #down: GatewayError | undefined;
  #trouble: Trouble | undefined;
  #onBack: (lostSinceMs: number) => void = () => undefined;
  #onReset: () => void = () => undefined;
  /** True while a transaction of the bus before may still be on the wire. */
  #stillHangs = false;
  #reported = { busyMs: 0, atMs: 0 };
  readonly #pulse: BusPulse;
  #isOpening = false;
  /** Of the recovery, and each opening. */
  #steps = 0;

  /** `open` is called at start; the bus it gives is nobody's but the queue's. */
  constructor(options: BusPartOptions) {
    this.name = `bus ${options.id}`;
    this.#options = options;
    this.#clock = options.clock;
    this.#pulse = new BusPulse(this.name, options.clock, options.hookWithinMs ?? 0);
  }

  /** Rejects as `open` does, and with bus_unavailable while a transaction from before hangs. */
  async start(): Promise<void> {
    if (this.#stillHangs)
      throw new GatewayError('bus_unavailable', `A transaction on the ${this.name} still hangs.`);
    const bus = new RecoveringBus({
      ...this.#options,
      name: this.name,
      afterDown: this.#down !== undefined,
      onStep: (step) => {
        this.#heed(step);
      },
      onDown: (error) => {
        this.#down = error;
        this.#trouble = { ...this.#inTrouble(), down: error };
        this.#options.onDown(error);
      },
    });
    this.#steps += 1;
    this.#isOpening = true;
    try {
      await bus.open();
    } finally {
      this.#isOpening = false;
    }
    this.#down = undefined;
    this.#opened = { bus, queue: new BusQueue({ bus, clock: this.#clock, limit: QUEUE_LIMIT }) };
    this.#reported = { busyMs: 0, atMs: this.#clock.monotonicMs() };
    this.#tellBack();
  }

  async stop(): Promise<void> {
    const opened = this.#opened;
    if (opened === undefined) return;
    this.#opened = undefined;
    this.#stillHangs = true;
    await opened.queue.close();
    void opened.bus.ended.then(() => {
      this.#stillHangs = false;
    });
    // Where nothing hangs it is known now.
    await Promise.resolve();
  }

  transfer(transaction: I2cTransaction, options: QueuedTransferOptions): Promise<Uint8Array> {
    return this.#opened?.queue.transfer(transaction, options) ?? Promise.reject(this.#notOpen());
  }

  converse<T>(talk: (transfer: QueuedTransfer, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#opened?.queue.converse(talk) ?? Promise.reject(this.#notOpen());
  }

  /**
   * `listener` is told when devices that were lost since then (monotonic ms) may be there again: the bus was opened
   * after it had been down, or works again after trouble.
   */
  whenBack(listener: (lostSinceMs: number) => void): void {
    this.#onBack = listener;
  }

  /** `listener` is told when the command hook has run: it may have cut the power of what is on the bus. */
  whenReset(listener: () => void): void {
    this.#onReset = listener;
  }

  /** Other devices are configured on it now: it may have other multiplexers. */
  haveOtherDevices(): void {
    this.#options.onOtherDevices?.();
  }

  /** Why nothing is known to work on it, from the moment it is down until it works again. */
  get whyDown(): GatewayError | undefined {
    return this.#trouble?.down;
  }

  health(): BusHealth {
    if (this.#opened === undefined) return { state: 'down' };
    const stats = this.#opened.queue.stats();
    const atMs = this.#clock.monotonicMs();
    const utilisation = (stats.busyMs - this.#reported.busyMs) / Math.max(1, atMs - this.#reported.atMs);
    this.#reported = { busyMs: stats.busyMs, atMs };
    return {
      state: 'up',
      ...stats,
      busyMs: Math.round(stats.busyMs),
      longestWaitMs: Math.round(stats.longestWaitMs),
      utilisation: Math.round(utilisation * 1000) / 1000,
      recovery: this.#opened.bus.counts(),
    };
  }

  /**
   * Throws bus_fault where it does not move although it should, for longer than its recovery can take. One that is down,
   * or whose devices are all away, lives: a new process would find it the same.
   */
  proveLife(): void {
    const queue = this.#opened?.queue;
    const stats = queue?.stats();
    const owes = this.#isOpening || (queue?.unanswered ?? 0) > 0;
    const mark = [this.#steps, stats?.transactions, stats?.failures].join(' ');
    this.#pulse.feel({ owes, mark });
  }

  #heed(step: RecoveryStep): void {
    this.#steps += 1;
    this.#options.onStep(step);
    if (step.type === 'bus.retry') return;
    if (step.type === 'bus.hook') this.#onReset();
    if (step.type !== 'bus.up') {
      this.#trouble = this.#inTrouble();
      return;
    }
    this.#tellBack();
    this.#trouble = undefined;
  }

  #inTrouble(): Trouble {
    return this.#trouble ?? { sinceMs: this.#clock.monotonicMs() };
  }

  #tellBack(): void {
    if (this.#trouble !== undefined) this.#onBack(this.#trouble.sinceMs - LOST_BEFORE_MS);
  }

  #notOpen(): GatewayError {
    return this.#down ?? new GatewayError('closed', `The ${this.name} is not open.`);
  }
}
