// What the recorder and the bridge need of stores: the outbox, the store of readings, the marks of outputs.
import type { GatewayError } from './errors.js';
import type { HistoryCursor } from './history-cursor.js';
import type { Point, PointsQuery } from './points.js';
import type { IncomingSample, RecordedSample } from './sample.js';

/** A sample in the outbox. Positions grow and are never used again. */
export interface OutboxEntry {
  readonly position: number;
  readonly sample: RecordedSample;
  /** Of the last one: there are more that would have been within the number, but are too large together. */
  readonly cutBehind?: true;
}

export interface OutboxStats {
  /** Random, made with the file. */
  readonly storeId: string;
  readonly depth: number;
  /** Epoch ms at which the oldest waiting sample was accepted; absent when nothing waits. */
  readonly oldestAcceptedTs?: number;
  readonly deadLetters: number;
}

/** Telemetry that is no sample, as it came. */
export interface RefusedTelemetry {
  readonly topic: string;
  /** Of the topic, as far as it names them. */
  readonly gateway: string;
  readonly device: string;
  readonly payload: Uint8Array;
  readonly reason: string;
}

export interface Poisoned {
  readonly position: number;
  readonly reason: string;
}

/** What went from the outbox to a store that lies in the same file. */
export interface TakenOver {
  readonly taken: number;
  /** More wait that were too large together. */
  readonly more: boolean;
  /** Of those taken: damaged in the file, and now dead letters. */
  readonly poisoned: readonly Poisoned[];
}

/** The durable queue between what was acknowledged and the store it goes to. */
export interface Outbox {
  /**
   * Resolves when the samples are on disk (fsync done); `lazily` as soon as no kill can take them, and they are on disk a
   * little later (`recorder.flush_within`). Rejects with store_full or store_failed: then none is.
   */
  append(samples: readonly IncomingSample[], how?: { readonly lazily?: boolean }): Promise<void>;
  /** Keeps as a dead letter what can't be a sample, for a person to look at. Resolves and rejects as `append`. */
  bury(refused: RefusedTelemetry): Promise<void>;
  /** The oldest first, at most `limit`, no more than fit in memory; without those that the doubted clock of `held` dated. */
  peek(limit: number, held?: string): Promise<readonly OutboxEntry[]>;
  /** Takes out what a store has; what a store will never take moves to the dead letters. One transaction. */
  settle(delivered: readonly number[], poisoned: readonly Poisoned[]): Promise<void>;
  /** Waiting samples of a device in [fromTs, toTs), oldest first: history must not miss what is not delivered yet. */
  query(query: HistoryQuery): Promise<readonly RecordedSample[]>;
  stats(): Promise<OutboxStats>;
}

/** The times that this run gave, and marked unsynchronised, are later by so much. */
export interface ClockCorrection {
  readonly run: string;
  readonly offsetMs: number;
  /** Epoch ms: none of them is earlier, or later. */
  readonly firstTs: number;
  readonly lastTs: number;
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
  /** Fewer, but at least one, where they have more characters of JSON than this. */
  readonly maxChars?: number;
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
  /** Which of these it has, by their indexes: a sample that comes again waits although it is stored. */
  known?(
    device: string,
    samples: readonly Pick<RecordedSample, 'boot' | 'seq' | 'gateway'>[],
  ): Promise<ReadonlySet<number>>;
  /** What the store can't do and is done without, or here in its place. */
  lacks?(): readonly StoreCondition[];
  /** Oldest first; see history-cursor.ts. Rejects with too_large for what would take the store too long. */
  query(query: HistoryQuery): Promise<readonly RecordedSample[]>;
  /** In order of time. Rejects with too_large for a range with too many readings. */
  points(query: PointsQuery): Promise<readonly Point[]>;
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
