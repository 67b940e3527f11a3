// Group commit: whatever was asked while a commit ran shares the next one, so one fsync serves them all.
import { GatewayError } from '../../../shared/errors.js';
import { sqliteCode, type SqliteDatabase } from './engine.js';

/** setTimeout takes a 32-bit signed delay; above it Node warns and calls back after 1 ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** One request. `run` works on the database; `done` or `failed` is called once, after the commit. */
export interface Job {
  readonly run: () => void;
  readonly done: () => void;
  readonly failed: (error: GatewayError) => void;
  /** Somebody stands and waits: a spacing does not count, and what waits for it is taken along. */
  readonly urgent?: boolean;
}

/** What changes with the database, and is taken back with it: in `run` of the jobs, between these calls. */
export interface Alongside {
  /** How far its changes have come in this transaction. */
  mark(): number;
  /** What came behind the mark is taken back, and the transaction goes on. */
  takeBack(mark: number): void;
  /** All jobs have run. Throws where it can't be kept; then the transaction is rolled back. */
  write(): void;
  committed(): void;
  rolledBack(): void;
}

export interface GroupCommitHooks {
  readonly alongside?: Alongside;
  /** Rows were taken back: counts kept in memory must be read anew. */
  readonly onRollback: () => void;
  /** All jobs of one commit were told how it went. */
  readonly onAnswered: () => void;
  /** The disk is full. True when room was made: the commit is tried once more. */
  readonly onFull?: () => boolean;
  /** So long nothing is committed after a commit has ended: flash wears by the commit. */
  readonly spacingMs?: number;
}

/**
 * Collects the jobs of one turn of the event loop and runs them in their order in one transaction. A commit blocks
 * the thread, so what arrives meanwhile is there when it ends: the next commit begins as soon as the last is over,
 * never by a timer, unless a spacing is wanted and nobody stands and waits. A job that fails takes back only its own work; a commit that fails fails all of its jobs.
 */
export class GroupCommit {
  readonly #database: SqliteDatabase;
  readonly #hooks: GroupCommitHooks;
  #waiting: Job[] = [];
  #spacingMs: number;
  #next: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #endedMs = Number.NEGATIVE_INFINITY;

  constructor(database: SqliteDatabase, hooks: GroupCommitHooks) {
    this.#database = database;
    this.#hooks = hooks;
    this.#spacingMs = hooks.spacingMs ?? 0;
  }

  add(job: Job): void {
    this.#waiting.push(job);
    if (this.#next !== undefined) return;
    const waitMs = job.urgent === true ? 0 : this.spacedMs;
    if (waitMs <= 0) this.#commitNext();
    else if (this.#later === undefined) this.#commitLater(waitMs);
  }

  /** So long a job that is added now waits for the spacing; none where this is not above zero. */
  get spacedMs(): number {
    return this.#endedMs + this.#spacingMs - performance.now();
  }

  /** From now on nothing is spaced: whoever stops waits for what is being written. */
  hurry(): void {
    this.#spacingMs = 0;
    if (this.#waiting.length > 0 && this.#next === undefined) this.#commitNext();
  }

  /** Runs what waits now. */
  commit(): void {
    clearImmediate(this.#next);
    clearTimeout(this.#later);
    this.#next = undefined;
    this.#later = undefined;
    const jobs = this.#waiting;
    this.#waiting = [];
    if (jobs.length === 0) return;
    let outcome = this.#transaction(jobs);
    if (outcome instanceof GatewayError && isFull(outcome) && this.#hooks.onFull?.() === true)
      outcome = this.#transaction(jobs);
    this.#endedMs = performance.now();
    for (const [index, job] of jobs.entries()) {
      if (outcome instanceof GatewayError) job.failed(outcome);
      else outcome[index]?.();
    }
    this.#hooks.onAnswered();
  }

  #commitNext(): void {
    this.#next = setImmediate(() => {
      this.commit();
    });
  }

  /** Unreferenced: a closing commits what waits by itself, and must not be kept waiting by a timer. */
  #commitLater(waitMs: number): void {
    const partMs = Math.min(waitMs, LONGEST_TIMEOUT_MS);
    this.#later = setTimeout(() => {
      this.#later = undefined;
      if (waitMs > partMs) this.#commitLater(waitMs - partMs);
      else this.commit();
    }, partMs).unref();
  }

  /** The answers to give when it is committed; or why it is not, and then nothing of it is kept. */
  #transaction(jobs: readonly Job[]): readonly (() => void)[] | GatewayError {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const answers = jobs.map((job) => this.#attempt(job));
      this.#hooks.alongside?.write();
      this.#database.exec('COMMIT');
      this.#hooks.alongside?.committed();
      return answers;
    } catch (thrown) {
      const error = storeError(thrown);
      this.#rollBack(error);
      return error;
    }
  }

  /** The answer to give when the commit has succeeded. Throws when SQLite has ended the whole transaction. */
  #attempt(job: Job): () => void {
    this.#database.exec('SAVEPOINT job');
    const mark = this.#hooks.alongside?.mark() ?? 0;
    try {
      job.run();
      this.#database.exec('RELEASE job');
      return job.done;
    } catch (thrown) {
      const error = storeError(thrown);
      // Whether SQLite took back one statement or the whole transaction: with a full disk all is tried anew.
      if (isFull(error)) throw error;
      this.#takeBack(error);
      this.#hooks.alongside?.takeBack(mark);
      // A job refuses with a GatewayError before it writes; anything else may have come in the middle.
      if (error !== thrown) this.#hooks.onRollback();
      return () => {
        job.failed(error);
      };
    }
  }

  /**
   * A full disk or an I/O error ends the whole transaction (https://sqlite.org/lang_transaction.html §3.1): then
   * there is no savepoint any more, and the job's own error is thrown on, so that every job of the commit fails.
   */
  #takeBack(error: GatewayError): void {
    try {
      this.#database.exec('ROLLBACK TO job');
      this.#database.exec('RELEASE job');
    } catch (thrown) {
      error.cause = new AggregateError([error.cause, thrown], 'the job and its rollback');
      throw error;
    }
  }

  #rollBack(error: GatewayError): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch (thrown) {
      // SQLite may have rolled back by itself; if not, the next BEGIN says so. The first error is the one to report.
      error.cause = new AggregateError([error.cause, thrown], 'the transaction and its rollback');
    }
    this.#hooks.alongside?.rolledBack();
    this.#hooks.onRollback();
  }
}

/** SQLite or the file system said so; a refusal of ours for the same reason has no such cause. */
function isFull({ cause }: GatewayError): boolean {
  return saysFull(cause);
}

/** The disk, in SQLite's words or in those of the file system. */
export function saysFull(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return sqliteCode(thrown) === 'full' || code === 'ENOSPC' || code === 'EDQUOT';
}

/** A full disk is store_full, everything else store_failed; a GatewayError stays itself. */
function storeError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (saysFull(thrown)) {
    return new GatewayError('store_full', 'The disk is full. Free space.', { cause: thrown });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GatewayError('store_failed', `The local store failed: ${message}.`, { cause: thrown });
}
