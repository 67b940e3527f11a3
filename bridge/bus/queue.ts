// The queue in front of a bus: one transaction at a time, whatever its callers do (docs/promises.md, 1).
import PQueue from 'p-queue';
import { GatewayError, asGatewayError } from '../../shared/errors.js';
import { Passage } from '../../shared/passage.js';
import type {
  Clock,
  I2cTransaction,
  OwnedI2cBus,
  Priority,
  QueuedI2cBus,
  QueuedTransfer,
  QueuedTransferOptions,
} from '../../shared/ports.js';
import {
  COMMAND_PRIORITY,
  FairQueue,
  POLL_PRIORITY,
  type TurnOptions,
  URGENT_PRIORITY,
} from './fair-queue.js';
import { beyondWire } from './wire-limits.js';
import { placeOf, TargetHolds, type Conversation } from './target-holds.js';
import { outOfTime, usedUp, verdictOn, wentBefore } from './verdict.js';

/** So long a safe write lets others talk on with its target. */
const PATIENCE_MS = 200;

/** A caller's place in the queue. Its passage is over once: by the wire, by its deadline, or by the queue closing. */
interface Turn {
  readonly transaction: I2cTransaction;
  readonly options: QueuedTransferOptions;
  readonly passage: Passage;
  readonly conversation: Conversation | undefined;
  readonly queuedAtMs: number;
  /** Counted among those that wait. */
  inLine: boolean;
  /** Ends the pressing of a safe write. */
  calmDown: () => void;
  resolve(bytes: Uint8Array): void;
  reject(error: GatewayError): void;
  /** Nobody waits for it any more: it is not run, unless it runs. */
  giveUp(error: GatewayError): void;
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
  /** As many turns as the bus takes: the one on the wire, and those handed over ahead. */
  readonly #queue: PQueue<FairQueue, TurnOptions>;
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
  /** Settles when the next transaction may be handed to the bus: in the order of the turns, and not into a rest. */
  #mayFollow: Promise<void> = Promise.resolve();
  /** Turns that are handed over and not ended, and since when there is one. */
  #handed = 0;
  #busySinceMs = 0;
  unanswered = 0; // Those of them that the bus has not answered yet: without the rest that comes behind.
  #closing: Promise<void> | undefined;

  constructor(options: BusQueueOptions) {
    this.#bus = options.bus;
    this.#clock = options.clock;
    this.#limit = options.limit;
    const concurrency = 1 + (options.bus.takesAhead ?? 0);
    this.#queue = new PQueue({ concurrency, queueClass: FairQueue });
  }

  /**
   * Resolves with the bytes read. Rejects with GatewayError: `queue_full`, `too_large` and `closed` (never on the wire),
   * `overdue` (the caller's deadline passed while it waited, here or for a bus that helps itself; it is not run any more),
   * `timeout` (the deadline passed while it ran: the wire stays taken until it really ended), what `refuse` returned, or
   * the bus's own error. Each tells the truth of the wire (`untried`), by the transaction's record.
   */
  transfer(transaction: I2cTransaction, options: QueuedTransferOptions): Promise<Uint8Array> {
    return this.#transfer(transaction, options, undefined);
  }

  async converse<T>(talk: (transfer: QueuedTransfer, signal: AbortSignal) => Promise<T>): Promise<T> {
    const conversation: Conversation = new AbortController();
    const { signal } = conversation;
    try {
      return await talk(async (transaction, options) => {
        signal.throwIfAborted();
        return this.#transfer(transaction, options, conversation);
      }, signal);
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
    const wrong = beyondWire(transaction, options.largest) ?? usedUp(options.passage);
    if (wrong !== undefined) return Promise.reject(wrong);
    // The gateway's own safe writes are few, and no flood of commands may keep them out.
    if (options.urgent !== true && this.#waiting[options.priority] >= this.#limit) {
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
    return { ...this.#counts, waiting: { ...this.#waiting }, busy: this.#handed > 0 };
  }

  async #close(): Promise<void> {
    // After this turn of the loop `#closing` is set, and no new turn can come.
    await Promise.resolve();
    for (const turn of this.#turns) turn.giveUp(new GatewayError('closed', 'The bus is closing.'));
    await this.#bus.close();
    await this.#queue.onIdle();
  }

  #newTurn(
    asked: Pick<Turn, 'transaction' | 'options' | 'conversation'>,
    resolve: (bytes: Uint8Array) => void,
    reject: (error: GatewayError) => void,
  ): Turn {
    const { passage = new Passage(this.#clock), deadlineMs } = asked.options;
    const queuedAtMs = this.#clock.monotonicMs();
    const isFirst = (): boolean => {
      if (passage.isOver) return false;
      this.#leaveLine(turn);
      this.#turns.delete(turn);
      cancelDeadline?.();
      return true;
    };
    const turn: Turn = {
      ...asked,
      ...{ passage, queuedAtMs, inLine: true },
      calmDown: () => undefined,
      resolve: (bytes) => {
        if (!isFirst()) return;
        passage.end();
        resolve(bytes);
      },
      reject: (error) => {
        if (!isFirst()) return;
        passage.end();
        reject(verdictOn(passage, error));
      },
      giveUp: (error) => {
        if (!isFirst()) return;
        passage.giveUp();
        reject(error);
      },
    };
    let cancelDeadline: (() => void) | undefined;
    if (deadlineMs !== undefined) {
      passage.untilMs = queuedAtMs + deadlineMs;
      cancelDeadline = this.#clock.after(deadlineMs, () => {
        this.#counts.abandoned += 1;
        turn.giveUp(outOfTime(passage, deadlineMs));
      });
    }
    return turn;
  }

  #enqueue(turn: Turn): void {
    const { priority, urgent } = turn.options;
    this.#turns.add(turn);
    this.#waiting[priority] += 1;
    const run = async (): Promise<void> => {
      this.#leaveLine(turn);
      if (!turn.passage.isOver) await this.#run(turn);
    };
    const { transaction, conversation } = turn;
    // `run` never rejects: #run hands every outcome to the turn.
    void this.#queue.add(run, {
      priority: urgent === true ? URGENT_PRIORITY : priority === 'command' ? COMMAND_PRIORITY : POLL_PRIORITY,
      isHeld: () => this.#holds.isHeldFrom(placeOf(transaction), conversation),
      isOver: () => turn.passage.isOver,
      isHurried: () => turn.passage.isHurried,
    });
    if (urgent === true) turn.passage.hurry();
    turn.passage.whenHurried(() => {
      if (turn.inLine) this.#hurry(turn);
    });
  }

  /** Who talks with the target of a safe write has to end; also one that began while this waited. */
  #hurry(turn: Turn): void {
    turn.calmDown = this.#clock.after(PATIENCE_MS, () => {
      this.#holds.press(placeOf(turn.transaction), turn.conversation, wentBefore());
      this.#hurry(turn);
    });
  }

  #leaveLine(turn: Turn): void {
    if (turn.inLine) this.#waiting[turn.options.priority] -= 1;
    turn.inLine = false;
    turn.calmDown();
  }

  async #run(turn: Turn): Promise<void> {
    // At once: the next turn is chosen before this one is handed over.
    if (turn.conversation !== undefined) this.#holds.take(placeOf(turn.transaction), turn.conversation);
    const mayFollow = this.#mayFollow;
    let follow: () => void = () => undefined;
    this.#mayFollow = new Promise((resolve) => {
      follow = resolve;
    });
    await mayFollow;
    await this.#handOver(turn, follow);
    follow();
  }

  /** Calls `follow` as soon as the bus may be given the next transaction. */
  async #handOver(turn: Turn, follow: () => void): Promise<void> {
    this.#turns.delete(turn);
    const refusal = turn.options.refuse?.();
    if (refusal !== undefined) turn.reject(asGatewayError(refusal));
    if (turn.passage.isOver) return;
    const { restMs = 0 } = turn.options;
    const startedAtMs = this.#clock.monotonicMs();
    this.#counts.longestWaitMs = Math.max(this.#counts.longestWaitMs, startedAtMs - turn.queuedAtMs);
    if (this.#handed === 0) this.#busySinceMs = startedAtMs;
    this.#handed += 1;
    this.unanswered += 1;
    const ended = this.#onTheWire(turn);
    if (restMs <= 0) follow();
    await ended;
    this.unanswered -= 1;
    await this.#rest(restMs);
    this.#handed -= 1;
    if (this.#handed === 0) this.#counts.busyMs += this.#clock.monotonicMs() - this.#busySinceMs;
  }

  async #onTheWire(turn: Turn): Promise<void> {
    this.#counts.transactions += 1;
    try {
      const { transaction, options, passage } = turn;
      turn.resolve(await this.#bus.transfer(transaction, { ...options, passage }));
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
