// What the store's thread and its client say to each other: requests with a number, each answered once.
import type { WhenFull } from '../../shared/config/config.js';
import type { ErrorCode } from '../../shared/errors.js';
import type {
  ClockCorrection,
  CommandMemory,
  HistoryQuery,
  KeptMark,
  OutboxStats,
  Poisoned,
} from '../../shared/ports.js';
import type { RoomLimits, RoomStats } from './disk-room.js';
import type { Point, PointsQuery } from '../../shared/points.js';
import type { LogbookQuery } from '../../shared/logbook.js';
import type { LogbookLimits, LogbookRow, WaitingEntry } from './logbook-table.js';
import type { OutboxLimits } from './outbox-table.js';
import type { IncomingRow, PositionedRow, SampleRow, StoredRow } from './sample-row.js';
import type { SqliteEngineName } from './sqlite.js';

export interface StoreStats extends OutboxStats {
  /** `historyGivenUp`: samples that went from the history before their time, to make room. */
  readonly disk: RoomStats & { readonly historyGivenUp: number };
}

export interface PruneRequest {
  readonly keepMs?: number;
  readonly chunkRows: number;
  /** What the clocks say. */
  readonly nowTs: number;
  readonly monotonicMs: number;
}

/** Each request: what goes there, what comes back. `void` work answers null. */
export interface StoreCalls {
  append: {
    readonly args: { readonly rows: readonly IncomingRow[]; readonly acceptedTs: number };
    /** Older samples dropped to make room. */
    readonly result: number;
  };
  peek: { readonly args: { readonly limit: number }; readonly result: readonly PositionedRow[] };
  settle: {
    readonly args: { readonly delivered: readonly number[]; readonly poisoned: readonly Poisoned[] };
    /** Dead letters dropped. */
    readonly result: number;
  };
  queryOutbox: { readonly args: HistoryQuery; readonly result: readonly SampleRow[] };
  stats: { readonly args: null; readonly result: StoreStats };
  deliver: { readonly args: { readonly rows: readonly SampleRow[] }; readonly result: null };
  points: { readonly args: PointsQuery; readonly result: readonly Point[] };
  queryHistory: { readonly args: HistoryQuery; readonly result: readonly StoredRow[] };
  /** Moves the oldest of the outbox into the history; how many. */
  takeOver: { readonly args: { readonly limit: number }; readonly result: number };
  prune: { readonly args: PruneRequest; readonly result: number };
  correct: { readonly args: ClockCorrection; readonly result: number };
  sweep: { readonly args: null; readonly result: null };
  note: { readonly args: { readonly row: LogbookRow; readonly beforeTs: number }; readonly result: null };
  queryLogbook: { readonly args: LogbookQuery; readonly result: readonly string[] };
  peekLogbook: { readonly args: { readonly limit: number }; readonly result: readonly WaitingEntry[] };
  settleLogbook: { readonly args: readonly number[]; readonly result: null };
  begin: { readonly args: { readonly key: string; readonly boot: string }; readonly result: CommandMemory };
  finish: { readonly args: { readonly key: string; readonly reply: string }; readonly result: null };
  forget: { readonly args: { readonly key: string }; readonly result: null };
  setMark: { readonly args: KeptMark; readonly result: null };
  clearMark: { readonly args: { readonly key: string }; readonly result: null };
  marks: { readonly args: null; readonly result: readonly KeptMark[] };
}

export type StoreOp = keyof StoreCalls;
export type StoreArgs<Op extends StoreOp> = StoreCalls[Op]['args'];
export type StoreResult<Op extends StoreOp> = StoreCalls[Op]['result'];

export interface StoreRequest<Op extends StoreOp = StoreOp> {
  readonly id: number;
  readonly op: Op;
  readonly args: StoreArgs<Op>;
}

/** Appends that were asked one after the other. */
export interface AppendRun {
  /** Of the first append; those of the others follow it. */
  readonly firstId: number;
  readonly acceptedTs: number;
  /** Rows of each append. */
  readonly sizes: readonly number[];
  /** All rows: see append-run.ts. */
  readonly cells: string;
}

/** Runs what waits, closes the file and ends the thread; answered by the thread's exit. */
export const CLOSE = 'close';
/** All requests of one turn of the client's event loop in one message, in their order: they share a commit. */
export type ToStoreThread = readonly (StoreRequest<Exclude<StoreOp, 'append'>> | AppendRun)[] | typeof CLOSE;

/** A GatewayError as data: structured cloning would keep neither its class nor its code. */
export interface StoreFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause?: string;
}

export interface StoreIdentity {
  readonly storeId: string;
  readonly engine: SqliteEngineName;
  /** Where the damaged file lies that was there before. */
  readonly setAside?: string;
}

export type FromStoreThread =
  | { readonly ready: StoreIdentity }
  | { readonly openFailed: StoreFailure }
  | { readonly answers: readonly StoreAnswer[] };

export type StoreAnswer =
  | { readonly id: number; readonly result: StoreResult<StoreOp> }
  | { readonly id: number; readonly failure: StoreFailure }
  | RunAnswer;

/** Of each append of a run, in their order: older samples dropped to make room for it, or why it was refused. */
export interface RunAnswer {
  readonly firstId: number;
  readonly results: readonly (number | StoreFailure)[];
}

export interface StoreThreadData {
  readonly path: string;
  readonly limits: OutboxLimits & RoomLimits & LogbookLimits & { readonly commands: number };
  readonly whenFull: WhenFull;
  /** Least time between two commits. */
  readonly commitSpacingMs: number;
}
