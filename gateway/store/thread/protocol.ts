// What the store's thread and its client say to each other: requests with a number, each answered once.
import type { WhenFull } from '../../../shared/config/config.js';
import type { ErrorCode } from '../../../shared/errors.js';
import type {
  ClockCorrection,
  HistoryQuery,
  KeptMark,
  OutboxStats,
  Poisoned,
  TakenOver,
} from '../../../shared/stores.js';
import type {
  CommandJournalStats,
  CommandMemory,
  IncomingCommand,
  LeftCommand,
  UnsaidAnswer,
} from '../../../shared/command-journal.js';
import type { LogMark, NumberedRecord } from '../rows/command-record.js';
import type { JournalStart } from '../commands/moved-records.js';
import type { JournalLimits } from '../commands/table.js';
import type { RoomLimits, RoomStats } from '../file/disk-room.js';
import type { Point, PointsQuery } from '../../../shared/points.js';
import type { LogbookQuery } from '../../../shared/logbook.js';
import type { LogbookRow } from '../rows/entry.js';
import type { LogbookLimits, WaitingEntry } from '../logbook/table.js';
import type { PruneStep } from '../retention/what-may-go.js';
import type { KeptRecord } from '../retention/record-table.js';
import type { Appended } from '../file/full-policy.js';
import type { OutboxLimits } from '../outbox/outbox.js';
import type { IncomingRow, PositionedRow, SampleRow, StoredRow } from '../rows/sample.js';
import type { Upgraded } from '../sqlite/opened-file.js';
import type { SqliteEngineName } from '../sqlite/engine.js';

export interface StoreStats extends OutboxStats {
  /** `historyGivenUp`: samples that went from the history before their time, to make room. */
  readonly disk: RoomStats & { readonly historyGivenUp: number };
}

/** How many went in one step; nothing means that there is no more to do. */
export interface Pruned {
  readonly samples: number;
  readonly entries: number;
}

/** Each request: what goes there, what comes back. `void` work answers null. */
export interface StoreCalls {
  append: {
    readonly args: Pick<Appended, 'acceptedTs' | 'lazily'> & { readonly rows: readonly IncomingRow[] };
    /** Older samples dropped to make room. */
    readonly result: number;
  };
  peek: {
    readonly args: { readonly limit: number; readonly held?: string };
    readonly result: readonly PositionedRow[];
  };
  settle: {
    readonly args: { readonly delivered: readonly number[]; readonly poisoned: readonly Poisoned[] };
    /** Dead letters dropped. */
    readonly result: number;
  };
  bury: {
    readonly args: { readonly refused: IncomingRow; readonly reason: string; readonly acceptedTs: number };
    /** Dead letters dropped. */
    readonly result: number;
  };
  /** Of `queryOutbox`, what is ahead of the table: to be asked first. */
  queryAhead: { readonly args: HistoryQuery; readonly result: readonly SampleRow[] };
  queryOutbox: { readonly args: HistoryQuery; readonly result: readonly SampleRow[] };
  stats: { readonly args: null; readonly result: StoreStats };
  deliver: { readonly args: { readonly rows: readonly SampleRow[] }; readonly result: null };
  points: { readonly args: PointsQuery; readonly result: readonly Point[] };
  known: {
    readonly args: {
      readonly device: string;
      readonly samples: readonly Pick<SampleRow, 'boot' | 'seq' | 'gateway'>[];
    };
    readonly result: ReadonlySet<number>;
  };
  queryHistory: { readonly args: HistoryQuery; readonly result: readonly StoredRow[] };
  /** Moves the oldest of the outbox into the history; how many. */
  takeOver: { readonly args: { readonly limit: number }; readonly result: TakenOver };
  retention: { readonly args: null; readonly result: KeptRecord };
  keepRecord: { readonly args: { readonly record: string }; readonly result: null };
  prune: { readonly args: PruneStep; readonly result: Pruned };
  correct: { readonly args: ClockCorrection; readonly result: number };
  sweep: { readonly args: { readonly beforeTs: number }; readonly result: null };
  note: { readonly args: { readonly row: LogbookRow }; readonly result: null };
  queryLogbook: { readonly args: LogbookQuery; readonly result: readonly string[] };
  peekLogbook: { readonly args: { readonly limit: number }; readonly result: readonly WaitingEntry[] };
  settleLogbook: { readonly args: readonly number[]; readonly result: null };
  /** From the command log; the tables then have all of it up to the mark. */
  moveCommands: {
    readonly args: { readonly records: readonly NumberedRecord[]; readonly mark: LogMark };
    readonly result: null;
  };
  accept: {
    readonly args: {
      readonly command: IncomingCommand;
      readonly withinMs: number;
      readonly position: number;
    };
    readonly result: CommandMemory;
  };
  /** Of all keys of the journal: see command-log/known-keys.ts. */
  keyHashes: { readonly args: null; readonly result: readonly number[] };
  left: {
    readonly args: { readonly boot: string; readonly after: number; readonly limit: number };
    readonly result: readonly LeftCommand[];
  };
  unsaid: {
    readonly args: { readonly after: number; readonly limit: number };
    readonly result: readonly UnsaidAnswer[];
  };
  journalStats: { readonly args: null; readonly result: CommandJournalStats };
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
export interface AppendRun extends Appended {
  /** Of the first append; those of the others follow it. */
  readonly firstId: number;
  /** All rows: see append-run.ts. */
  readonly cells: string;
}

/** Runs what waits, closes the file and ends the thread; answered by the thread's exit. */
export const CLOSE = 'close';
/** From now on no commit waits for its spacing. */
export const HURRY = 'hurry';
/** All requests of one turn of the client's event loop in one message, in their order: they share a commit. */
export type ToStoreThread =
  readonly (StoreRequest<Exclude<StoreOp, 'append'>> | AppendRun)[] | typeof CLOSE | typeof HURRY;

/** A GatewayError as data: structured cloning would keep neither its class nor its code. */
export interface StoreFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause?: string;
}

export interface StoreIdentity {
  readonly storeId: string;
  readonly engine: SqliteEngineName;
  readonly journal: JournalStart;
  /** Where the damaged file of the newest samples lies that was there before. */
  readonly aheadSetAside?: string | undefined;
  /** Where the damaged file lies that was there before. */
  readonly setAside: string | undefined;
  /** There where the file was of an older version. */
  readonly upgraded: Upgraded | undefined;
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
  readonly limits: OutboxLimits & RoomLimits & LogbookLimits & JournalLimits;
  readonly whenFull: WhenFull;
  /** Least time between two commits. */
  readonly commitSpacingMs: number;
  /** At the latest then what was appended lazily is on the disk. */
  readonly flushWithinMs: number;
}
