// The ports: what the bridge needs of the world, and nothing more. Each is implemented in gateway/.
import type { Sender } from './messages.js';
import type { Passage } from './passage.js';

/** A part with a life. Constructors do nothing; `stop` returns with its own work finished or given up. */
export interface Component {
  readonly name: string;
  start(): Promise<void>;
  /** Given up after `withinMs`, which is then an error: whatever it waits for itself must be given up before. */
  stop(withinMs?: number): Promise<void>;
}

// ── time ────────────────────────────────────────────────────────────────────────────────────────────────

export interface Clock {
  /** Wall clock, epoch ms. May jump. */
  now(): number;
  /** Milliseconds that never jump; only differences mean anything. */
  monotonicMs(): number;
  /** As `monotonicMs`, without the time in which the process stood still: for what is measured. */
  awakeMs(): number;
  /** Told after the process stood still, and how long, before any timer that came due meanwhile; returns how to end it. */
  onStandstill(listener: (ms: number) => void): () => void;
  /** Calls back once after `delayMs`, however long, a moment later where it came due in a standstill; returns how to cancel. */
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
  /** Of one that is told a channel's number, and this bit beside it (PCA9547: 8); the others have a bit for each channel. */
  readonly enable?: number;
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

export interface TransferOptions {
  /** Running it twice does what running it once does: it may be repeated after a fault of the bus. */
  readonly repeatable?: boolean;
  /** Asked when the transaction's turn comes; a returned error means it is not run and rejects with it. */
  readonly refuse?: () => Error | undefined;
  /** A missing acknowledgement means "not yet" here, and is no sign of an absent device. */
  readonly noAckIsBusy?: boolean;
  /** What `refuse` says may change at any time: it is asked when the wire is free, and so never handed over ahead. */
  readonly mayExpire?: boolean;
  /** Its record: a bus tells it when it can't give the transaction back any more, and each time the wire is its own. */
  readonly passage?: Passage;
}

/**
 * One required verb. Resolves with the bytes read (empty for a pure write). A bus that recovers by itself heeds the options.
 * Rejects with GatewayError: no_ack, timeout, bus_fault, bus_unavailable, address_claimed, unsupported, too_large, closed.
 */
export interface I2cBus {
  transfer(transaction: I2cTransaction, options?: TransferOptions): Promise<Uint8Array>;
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

export interface QueuedTransferOptions extends TransferOptions {
  readonly priority: Priority;
  /** The wire stays idle this long after the transaction: slow firmware needs it. */
  readonly restMs?: number;
  /** Frees the caller with `timeout` after this long, waiting included; never frees the wire. */
  readonly deadlineMs?: number;
  /** The longest write and read that its target takes, where it is no AVR with 32 bytes. */
  readonly largest?: { readonly write: number; readonly read: number };
  /** It makes an output safe: it goes before all others, and who talks with its target is given little time to end. */
  readonly urgent?: boolean;
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
   * the same target; other targets use the bus meanwhile. Settles as `talk` does, which must end: soon when `signal`
   * is aborted, because a safe write waits for the target.
   */
  converse<T>(talk: (transfer: QueuedTransfer, signal: AbortSignal) => Promise<T>): Promise<T>;
}

// ── MQTT ────────────────────────────────────────────────────────────────────────────────────────────────

export type QoS = 0 | 1 | 2;

/** Where whoever asked wants the answer, beside its own topic (MQTT 5, Response Topic). */
export interface AnswerPlace {
  readonly topic: string;
  readonly qos: QoS;
  /** What the asker knows it by. */
  readonly correlationData?: Uint8Array;
}

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /**
   * Of one that is published: what it is, where it has to wait for its broker; absent for notices and what is retained.
   * A sample is recorded already: the embedded broker asks no recorder for it.
   */
  readonly kind?: 'sample' | 'reply';
  /** Of a message that came from a client, where the broker tells. */
  readonly sender?: Sender;
  /** Of a message that is acknowledged: its packet identifier, and whether it may have come before (MQTT's DUP). */
  readonly delivery?: { readonly id: number; readonly again: boolean };
  /** What is left of its life, where its sender said how long that is (MQTT 5, Message Expiry Interval). */
  readonly expiresInMs?: number;
  /** Of one that came from a client that may publish to that place, and read it. */
  readonly answerTo?: AnswerPlace;
  /** For readers that speak MQTT 5. */
  readonly contentType?: string;
  readonly correlationData?: Uint8Array;
}

export type Unsubscribe = () => Promise<void>;

/** The broker as the bridge sees it: embedded or outside, the same calls. */
export interface MessageBus {
  /** Bytes of the largest message, topic and all, that the broker is known to take; absent where there is no limit known. */
  readonly largestMessage?: number | undefined;
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
