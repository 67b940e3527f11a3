// The queue in front of a bus: one transaction at a time, whatever its callers do (DESIGN promise 1).
import PQueue from 'p-queue';
import { GatewayError, asGatewayError } from '../shared/errors.js';
import type {
  Clock,
  I2cTransaction,
  OwnedI2cBus,
  Priority,
  QueuedI2cBus,
  QueuedTransfer,
  QueuedTransferOptions,
} from '../shared/ports.js';
import { COMMAND_PRIORITY, FairQueue, POLL_PRIORITY, type TurnOptions } from './fair-queue.js';
import { beyondWire } from './wire-limits.js';
import { placeOf, TargetHolds, type Conversation } from './target-holds.js';

/** A caller's place in the queue. It is settled once: by the wire, by its deadline, or by the queue closing. */
interface Turn {
  readonly transaction: I2cTransaction;
  readonly options: QueuedTransferOptions;
  readonly conversation: Conversation | undefined;
  readonly queuedAtMs: number;
  settled: boolean;
  resolve(bytes: Uint8Array): void;
  reject(error: GatewayError): void;
}

export interface BusQueueStats {
  readonly waiting: Readonly<Record<Priority, number>>;
  /** Whether a transaction is on the wire now. */
  readonly busy: boolean;
  readonly transactions: number;
  readonly failures: number;
  readonly refusedFull: number;
  /** Callers that gave up before their transaction ended. */
  readonly abandoned: number;
  /** Milliseconds the bus was taken since start, rests included. */
  readonly busyMs: number;
  readonly longestWaitMs: number;
}

export interface BusQueueOptions {
  readonly bus: OwnedI2cBus;
  readonly clock: Clock;
  /** How many may wait, per priority: commands can't take the polls' places. */
  readonly limit: number;
}

/**
 * Owns the bus: nobody else has it, so nobody goes around the queue.
 * p-queue's own `timeout` and abort signal start the next task while the last still runs on the wire, and its
 * `clear()` leaves callers waiting for ever (measured): only its concurrency and our order of turns are used.
 */
export class BusQueue implements QueuedI2cBus {
  readonly #bus: OwnedI2cBus;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #queue = new PQueue<FairQueue, TurnOptions>({ concurrency: 1, queueClass: FairQueue });
  readonly #turns = new Set<Turn>();
  readonly #holds = new TargetHolds();
  readonly #waiting = { command: 0, poll: 0 };
  readonly #counts = {
    transactions: 0,
    failures: 0,
    refusedFull: 0,
    abandoned: 0,
    busyMs: 0,
    longestWaitMs: 0,
  };
  #busy = false;
  #closing: Promise<void> | undefined;

  constructor(options: BusQueueOptions) {
    this.#bus = options.bus;
    this.#clock = options.clock;
    this.#limit = options.limit;
  }

  /**
   * Resolves with the bytes read. Rejects with GatewayError: `queue_full`, `too_large` and `closed` (never on the wire),
   * `overdue` (the caller's deadline passed while it waited; it is not run any more), `timeout` (the deadline passed
   * while it ran: the wire stays taken until it really ended), what `refuse` returned, or the bus's own error.
   */
  transfer(transaction: I2cTransaction, options: QueuedTransferOptions): Promise<Uint8Array> {
    return this.#transfer(transaction, options, undefined);
  }

  async converse<T>(talk: (transfer: QueuedTransfer) => Promise<T>): Promise<T> {
    const conversation: Conversation = Symbol('conversation');
    try {
      return await talk((transaction, options) => this.#transfer(transaction, options, conversation));
    } finally {
      this.#holds.releaseAll(conversation);
      // p-queue looks for the next turn only when one ends or comes, or when it is started.
      this.#queue.pause();
      this.#queue.start();
    }
  }

  #transfer(
    transaction: I2cTransaction,
    options: QueuedTransferOptions,
    conversation: Conversation | undefined,
  ): Promise<Uint8Array> {
    if (this.#closing !== undefined) return Promise.reject(new GatewayError('closed', 'The bus is closing.'));
    const tooLarge = beyondWire(transaction);
    if (tooLarge !== undefined) return Promise.reject(tooLarge);
    if (this.#waiting[options.priority] >= this.#limit) {
      this.#counts.refusedFull += 1;
      const message = `${String(this.#limit)} ${options.priority}s wait for the bus already.`;
      return Promise.reject(new GatewayError('queue_full', message));
    }
    return new Promise((resolve, reject) => {
      this.#enqueue(this.#newTurn({ transaction, options, conversation }, resolve, reject));
    });
  }

  /** Refuses all that wait, and closes the bus, which lets the running transaction end or gives it up by its own rule. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  stats(): BusQueueStats {
    return { ...this.#counts, waiting: { ...this.#waiting }, busy: this.#busy };
  }

  async #close(): Promise<void> {
    // After this turn of the loop `#closing` is set, and no new turn can come.
    await Promise.resolve();
    for (const turn of this.#turns) turn.reject(new GatewayError('closed', 'The bus is closing.'));
    await this.#bus.close();
    await this.#queue.onIdle();
  }

  #newTurn(
    asked: Pick<Turn, 'transaction' | 'options' | 'conversation'>,
    resolve: (bytes: Uint8Array) => void,
    reject: (error: GatewayError) => void,
  ): Turn {
    const settle = (): boolean => {
      if (turn.settled) return false;
      turn.settled = true;
      cancelDeadline?.();
      return true;
    };
    const turn: Turn = {
      ...asked,
      queuedAtMs: this.#clock.monotonicMs(),
      settled: false,
      resolve: (bytes) => {
        if (settle()) resolve(bytes);
      },
      reject: (error) => {
        if (settle()) reject(error);
      },
    };
    const { deadlineMs } = asked.options;
    const cancelDeadline =
      deadlineMs === undefined
        ? undefined
        : this.#clock.after(deadlineMs, () => {
            this.#giveUp(turn, deadlineMs);
          });
    return turn;
  }

  #giveUp(turn: Turn, deadlineMs: number): void {
    this.#counts.abandoned += 1;
    const late = `within ${String(deadlineMs)} ms`;
    turn.reject(
      this.#turns.has(turn)
        ? new GatewayError('overdue', `The transaction did not get its turn ${late} and was not run.`)
        : new GatewayError('timeout', `The transaction did not end ${late}.`),
    );
  }

  #enqueue(turn: Turn): void {
    const { priority } = turn.options;
    this.#turns.add(turn);
    this.#waiting[priority] += 1;
    const run = async (): Promise<void> => {
      this.#waiting[priority] -= 1;
      this.#turns.delete(turn);
      if (!turn.settled) await this.#run(turn);
    };
    const { transaction, conversation } = turn;
    // `run` never rejects: #run hands every outcome to the turn.
    void this.#queue.add(run, {
      priority: priority === 'command' ? COMMAND_PRIORITY : POLL_PRIORITY,
      isHeld: () => this.#holds.isHeldFrom(placeOf(transaction), conversation),
    });
  }

  async #run(turn: Turn): Promise<void> {
    const refusal = turn.options.refuse?.();
    if (refusal !== undefined) {
      turn.reject(asGatewayError(refusal));
      return;
    }
    if (turn.conversation !== undefined) this.#holds.take(placeOf(turn.transaction), turn.conversation);
    const startedAtMs = this.#clock.monotonicMs();
    this.#counts.longestWaitMs = Math.max(this.#counts.longestWaitMs, startedAtMs - turn.queuedAtMs);
    this.#busy = true;
    await this.#onTheWire(turn);
    await this.#rest(turn.options.restMs ?? 0);
    this.#busy = false;
    this.#counts.busyMs += this.#clock.monotonicMs() - startedAtMs;
  }

  async #onTheWire(turn: Turn): Promise<void> {
    this.#counts.transactions += 1;
    try {
      turn.resolve(await this.#bus.transfer(turn.transaction, turn.options.repeatable));
    } catch (thrown) {
      this.#counts.failures += 1;
      turn.reject(asGatewayError(thrown, 'bus_fault'));
    }
  }

  #rest(restMs: number): Promise<void> {
    if (restMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#clock.after(restMs, resolve);
    });
  }
}
