// The ports: what the bridge needs of the world, and nothing more. Each is implemented in gateway/.
import type { GatewayError } from './errors.js';
import type { HistoryCursor } from './history-cursor.js';
import type { Sender } from './messages.js';
import type { Point, PointsQuery } from './points.js';
import type { IncomingSample, RecordedSample } from './sample.js';

/** A part with a life. Constructors do nothing; `stop` returns with its own work finished or given up. */
export interface Component {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

// ── time ────────────────────────────────────────────────────────────────────────────────────────────────

export interface Clock {
  /** Wall clock, epoch ms. May jump. */
  now(): number;
  /** Milliseconds that never jump; only differences mean anything. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`, however long; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

// ── log ─────────────────────────────────────────────────────────────────────────────────────────────────

export type LogFields = Readonly<Record<string, unknown>>;

/** pino's calling convention: facts first, then the sentence. Errors go under `err`. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Log;
}

// ── I²C ─────────────────────────────────────────────────────────────────────────────────────────────────

/** A channel of a multiplexer such as the TCA9548A, which is at the address `mux`. */
export interface MuxChannel {
  readonly mux: number;
  readonly channel: number;
}

/**
 * START … STOP at one 7-bit address. At least one of `write` and `readLength` is there.
 * With both, a STOP stands between them unless `repeatedStart`: AVR's Wire serves either, other targets may not.
 */
export interface I2cTransaction {
  readonly address: number;
  /** Where the address is: behind this channel of a multiplexer, or directly on the bus. */
  readonly via?: MuxChannel;
  readonly write?: Uint8Array;
  /** Bytes to read after the write. */
  readonly readLength?: number;
  readonly repeatedStart?: boolean;
}

/**
 * One required verb. Resolves with the bytes read (empty for a pure write).
 * `repeatable`: it does no harm to run it twice, so a bus that recovers by itself may try again.
 * Rejects with GatewayError: no_ack, timeout, bus_fault, bus_unavailable, address_claimed, unsupported, too_large, closed.
 */
export interface I2cBus {
  transfer(transaction: I2cTransaction, repeatable?: boolean): Promise<Uint8Array>;
}

/** Who opens a bus closes it; a device only ever gets an I2cBus. */
export interface OwnedI2cBus extends I2cBus {
  /**
   * So many transactions may be handed over while one runs, 0 where absent. They are run one at a time, in their order:
   * the next begins without the way to whoever waits for the last.
   */
  readonly takesAhead?: number;
  /** Lets the running transaction end; one that hangs is given up after a time of the bus's own. */
  close(): Promise<void>;
  /** After `close`: settles when nothing of it can be on the wire any more. Where absent, `close` tells that. */
  readonly ended?: Promise<void>;
}

export type Priority = 'command' | 'poll';

export interface QueuedTransferOptions {
  readonly priority: Priority;
  /** Running it twice does what running it once does: it may be repeated after a fault of the bus. */
  readonly repeatable?: boolean;
  /** The wire stays idle this long after the transaction: slow firmware needs it. */
  readonly restMs?: number;
  /** Frees the caller with `timeout` after this long, waiting included; never frees the wire. */
  readonly deadlineMs?: number;
  /** Asked when the transaction's turn comes; a returned error means it is not run and rejects with it. */
  readonly refuse?: () => Error | undefined;
}

export type QueuedTransfer = (
  transaction: I2cTransaction,
  options: QueuedTransferOptions,
) => Promise<Uint8Array>;

/** The bus as the bridge sees it: behind the queue. */
export interface QueuedI2cBus {
  transfer(transaction: I2cTransaction, options: QueuedTransferOptions): Promise<Uint8Array>;
  /**
   * Several transactions that belong together. From the first one's turn until `talk` has ended nobody else's go to
   * the same target; other targets use the bus meanwhile. Settles as `talk` does, which must end.
   */
  converse<T>(talk: (transfer: QueuedTransfer) => Promise<T>): Promise<T>;
}

// ── MQTT ────────────────────────────────────────────────────────────────────────────────────────────────

export type QoS = 0 | 1 | 2;

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Of a message that came from a client, where the broker tells. */
  readonly sender?: Sender;
}

export type Unsubscribe = () => Promise<void>;

/** The broker as the bridge sees it: embedded or outside, the same calls. */
export interface MessageBus {
  /** Resolves when the broker has taken it (QoS ≥ 1: acknowledged). Messages of one caller keep their order. */
  publish(message: Message): Promise<void>;
  /**
   * Messages that match the filter, in order. The handler must not throw; what it returns is not awaited
   * by the broker. `retain` is true for a retained message, be it live (where the broker tells) or replayed.
   */
  subscribe(filter: string, qos: QoS, handler: (message: Message) => void): Promise<Unsubscribe>;
  /**
   * Like subscribe, but the message's sender gets its acknowledgement only after the handler's promise resolved;
   * a rejection means no acknowledgement, and the sender will send again. At most one handler per filter.
   */
  subscribeBeforeAck(filter: string, handler: (message: Message) => Promise<void>): Promise<Unsubscribe>;
}

// ── stores ──────────────────────────────────────────────────────────────────────────────────────────────

/** A sample in the outbox. Positions grow and are never used again. */
export interface OutboxEntry {
  readonly position: number;
  readonly sample: RecordedSample;
}

export interface OutboxStats {
  /** Random, made with the file. */
  readonly storeId: string;
  readonly depth: number;
  /** Epoch ms at which the oldest waiting sample was accepted; absent when nothing waits. */
  readonly oldestAcceptedTs?: number;
  readonly deadLetters: number;
}

export interface Poisoned {
  readonly position: number;
  readonly reason: string;
}

/** The durable queue between what was acknowledged and the store it goes to. */
export interface Outbox {
  /** Resolves when the samples are on disk (fsync done). Rejects with store_full or store_failed: then none is. */
  append(samples: readonly IncomingSample[]): Promise<void>;
  /** The oldest entries first, at most `limit`. */
  peek(limit: number): Promise<readonly OutboxEntry[]>;
  /** Takes out what a store has; what a store will never take moves to the dead letters. One transaction. */
  settle(delivered: readonly number[], poisoned: readonly Poisoned[]): Promise<void>;
  /** Waiting samples of a device in [fromTs, toTs), oldest first: history must not miss what is not delivered yet. */
  query(query: HistoryQuery): Promise<readonly RecordedSample[]>;
  stats(): Promise<OutboxStats>;
}

/** Samples of `boot` that are marked unsynchronised and were taken in [sinceTs, belowTs) are later by so much. */
export interface ClockCorrection {
  readonly boot: string;
  /** Epoch ms, as are the other. */
  readonly sinceTs: number;
  readonly belowTs?: number;
  readonly offsetMs: number;
}

export interface SampleCorrector {
  /** Durable when it resolves, with the number of samples moved. All or none; none is moved twice. */
  correctClock(correction: ClockCorrection): Promise<number>;
}

export interface HistoryQuery {
  readonly device: string;
  /** Samples that this gateway took: where a store has those of several, their devices may share an id. */
  readonly gateway?: string;
  /** Epoch ms, inclusive. */
  readonly fromTs: number;
  /** Epoch ms, exclusive. */
  readonly toTs: number;
  /** At most this many samples: the newest of the range, or with `after` the oldest behind it. */
  readonly limit: number;
  readonly after?: HistoryCursor;
  /** Samples that have at least one of these, with these alone. Without it all, whole. */
  readonly fields?: readonly string[];
}

export interface DeliveryReport {
  /** Indexes into the batch that the store will never take, with why. */
  readonly poisoned: readonly { readonly index: number; readonly reason: string }[];
  /** Those that it refused for a reason nobody knows: worth some more attempts. All others are in the store. */
  readonly undecided?: readonly { readonly index: number; readonly reason: string }[];
}

/** Why a store takes nothing: a name that stays, and a sentence that says what to do. */
export interface StoreCondition {
  readonly name: string;
  readonly sentence: string;
}

/** Where samples end up. Keyed by identity: delivering twice stores once. */
export interface ReadingStore {
  readonly kind: 'local' | 'mongodb';
  /** Rejects with store_unreachable, store_refused or store_failed: nothing is known then, send the same batch again. */
  deliver(samples: readonly RecordedSample[]): Promise<DeliveryReport>;
  /** What an error of `deliver` means, where the store can tell. */
  conditionOf?(error: GatewayError): StoreCondition;
  /** Oldest first; see history-cursor.ts. Rejects with too_large for what would take the store too long. */
  query(query: HistoryQuery): Promise<readonly RecordedSample[]>;
  /** In order of time. Rejects with too_large for a range with too many readings. */
  points(query: PointsQuery): Promise<readonly Point[]>;
}

/** What is known of a command id: never seen, running (or cut off by a crash), or answered. */
export type CommandMemory =
  | { readonly state: 'new' }
  | { readonly state: 'begun'; readonly boot: string }
  | { readonly state: 'answered'; readonly reply: string };

/** Remembers command ids across a crash, so that a redelivered command is not run twice. Bounded: the oldest are forgotten. */
export interface CommandJournal {
  /** Durable when it resolves. `state: 'new'` means the id was unknown and is now begun under `boot`. */
  begin(key: string, boot: string): Promise<CommandMemory>;
  /** Keeps the reply (JSON text) for the id. */
  finish(key: string, reply: string): Promise<void>;
  /** As if the id had never come: its command did not run. */
  forget(key: string): Promise<void>;
}

/** A mark as it is kept: JSON text under a key. */
export interface KeptMark {
  readonly key: string;
  readonly mark: string;
}

/** Remembers across a crash which outputs were left on. Each call is durable when it resolves. */
export interface OutputMarks {
  set(key: string, mark: string): Promise<void>;
  clear(key: string): Promise<void>;
  all(): Promise<readonly KeptMark[]>;
}
