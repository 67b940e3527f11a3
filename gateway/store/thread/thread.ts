// The store's thread: it alone has the database file open for writing, so an fsync never holds up the event loop.
import { parentPort, workerData } from 'node:worker_threads';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import { unpackRows } from './append-run.js';
import { ClockCorrections } from '../history/clock-correction.js';
import { DiskRoom, giveBackBallast } from '../file/disk-room.js';
import { appendRun, type Room } from '../file/full-policy.js';
import { handlersOf, type Handlers, type SingleOp } from './handlers.js';
import { GroupCommit, saysFull } from '../sqlite/group-commit.js';
import { HistoryPruner } from '../history/pruner.js';
import { HistoryTable } from '../history/table.js';
import { JournalTable } from '../commands/table.js';
import { MovedRecords, type JournalStart } from '../commands/moved-records.js';
import { loadSqlite } from '../sqlite/load.js';
import { LogbookTable } from '../logbook/table.js';
import { OutputTable } from '../commands/output-table.js';
import { OutboxRows } from '../outbox/outbox.js';
import { aheadPath } from '../file/store.js';
import { openAhead, type OpenedAhead } from '../file/open-ahead.js';
import type { Ahead } from '../ahead/ahead.js';
import { markDamaged, openOrReplace } from '../file/open-or-replace.js';
import { RecordTable } from '../retention/record-table.js';
import { mayGoForRoom } from '../retention/what-may-go.js';
import { sqliteCode } from '../sqlite/engine.js';
import type { StoreFile } from '../sqlite/opened-file.js';
import {
  CLOSE,
  HURRY,
  type AppendRun,
  type FromStoreThread,
  type RunAnswer,
  type StoreAnswer,
  type StoreFailure,
  type StoreOp,
  type StoreRequest,
  type StoreResult,
  type StoreThreadData,
  type ToStoreThread,
} from './protocol.js';

if (parentPort === null) throw new Error('store-thread.js runs as a worker thread only');
const port = parentPort;

class StoreThread {
  readonly #file: StoreFile;
  readonly #path: string;
  readonly #room: Room;
  readonly #commits: GroupCommit;
  readonly #handlers: Handlers;
  readonly #ahead: Ahead;
  readonly #outbox: OutboxRows;
  readonly #flushWithinMs: number;
  /** The journal as it was found. */
  readonly journalStart: JournalStart;
  #flush: NodeJS.Timeout | undefined;
  #answers: StoreAnswer[] = [];

  constructor(file: StoreFile, ahead: Ahead, data: StoreThreadData) {
    const { path, limits, whenFull, commitSpacingMs } = data;
    this.#file = file;
    this.#path = path;
    this.#ahead = ahead;
    this.#flushWithinMs = data.flushWithinMs;
    const room = new DiskRoom(path, file.database, limits, () => ahead.tableBytes);
    const outbox = new OutboxRows(file, ahead, limits, () => room.isTight());
    this.#outbox = outbox;
    const history = new HistoryTable(file.database);
    const mustShrink = (): boolean =>
      mayGoForRoom({ nearsItsSize: room.nearsItsSize(), diskIsShort: room.wantsRoom() }, whenFull);
    const pruner = new HistoryPruner(file.database, mustShrink);
    const journal = new JournalTable(file.database, limits);
    const retention = new RecordTable(file.database);
    const corrections = new ClockCorrections(file);
    const outputs = new OutputTable(file.database);
    const logbook = new LogbookTable(file.database, limits);
    const moved = new MovedRecords(file.database, journal, logbook);
    this.journalStart = moved.start();
    this.#room = { outbox, pruner, room, whenFull };
    const tables = { ...this.#room, history, retention, corrections, outputs, logbook, journal, moved };
    this.#handlers = handlersOf(tables);
    this.#commits = new GroupCommit(file.database, {
      onRollback: () => {
        outbox.recount();
        history.forget();
        journal.recount();
        logbook.recount();
      },
      alongside: outbox.alongside,
      onFull: () => room.giveBack(),
      spacingMs: commitSpacingMs,
      onAnswered: () => {
        send({ answers: this.#answers });
        this.#answers = [];
        this.#flushLater();
        this.#noticeBroken();
      },
    });
  }

  receive(message: ToStoreThread): void {
    if (message === CLOSE) this.#close();
    else if (message === HURRY) this.#commits.hurry();
    else
      for (const request of message) {
        if ('firstId' in request) this.#enqueueRun(request);
        // Who asks is told of what was appended before, but waits for no spacing: without it, of what is committed.
        else if (isQueryAhead(request) && this.#commits.spacedMs > 0) this.#answerAhead(request);
        else this.#enqueue(request);
      }
  }

  #enqueue<Op extends SingleOp>({ id, op, args }: StoreRequest<Op>): void {
    let result: StoreResult<Op> | undefined;
    this.#commits.add({
      urgent: URGENT.has(op),
      run: () => {
        result = this.#handlers[op](args);
      },
      done: () => {
        if (result !== undefined) this.#answers.push({ id, result });
      },
      failed: (error) => {
        this.#answers.push({ id, failure: failureOf(error) });
        this.#noticeDamage(error);
      },
    });
  }

  #enqueueRun(asked: AppendRun): void {
    const { firstId, sizes } = asked;
    const rows = unpackRows(asked.cells);
    const lazily = asked.lazily && this.#flushWithinMs > 0;
    let results: RunAnswer['results'] = [];
    this.#commits.add({
      // Anew where the commit is tried once more.
      run: () => {
        results = appendRun(this.#room, rows, { ...asked, lazily }).map((result) =>
          typeof result === 'number' ? result : failureOf(result),
        );
      },
      done: () => {
        this.#answers.push({ firstId, results });
      },
      failed: (error) => {
        const failure = failureOf(error);
        this.#answers.push({ firstId, results: sizes.map(() => failure) });
        this.#noticeDamage(error);
      },
    });
  }

  #answerAhead({ id, args }: StoreRequest<'queryAhead'>): void {
    send({ answers: [{ id, result: this.#outbox.queryAhead(args) }] });
  }

  #noticeDamage(error: GatewayError): void {
    if (sqliteCode(error.cause) === 'corrupt') this.#giveUp(error);
  }

  /** The file is damaged: the gateway ends with this error, and its next start begins a new file. */
  #giveUp(error: GatewayError): void {
    markDamaged(this.#path);
    setImmediate(() => {
      throw error;
    });
  }

  /** As a flush of its own does that fails: whoever asks the disk again is told that all is well. */
  #noticeBroken(): void {
    const { broken } = this.#ahead;
    if (broken !== undefined)
      setImmediate(() => {
        throw broken;
      });
  }

  /** An error of the disk ends the thread: what it has of the last second nobody knows. */
  #flushLater(): void {
    if (this.#ahead.isSynced || this.#flush !== undefined) return;
    this.#flush = setTimeout(() => {
      this.#flush = undefined;
      this.#ahead.sync();
    }, this.#flushWithinMs).unref();
  }

  /** Behind an orderly end everything is in one file. Without room for that it is found where it is at the next start. */
  #fold(): void {
    this.#commits.add({
      run: () => {
        this.#outbox.end();
      },
      done: () => undefined,
      failed: () => undefined,
    });
    this.#commits.commit();
  }

  #close(): void {
    this.#commits.commit();
    clearTimeout(this.#flush);
    this.#fold();
    this.#ahead.close();
    this.#file.database.close();
    port.close();
  }
}

function isQueryAhead(request: StoreRequest): request is StoreRequest<'queryAhead'> {
  return request.op === 'queryAhead';
}

/** What a command waits for before it is acknowledged, on the wire or answered; and what a start looks up. */
const URGENT: ReadonlySet<StoreOp> = new Set<StoreOp>([
  ...(['moveCommands', 'accept', 'left', 'unsaid', 'setMark', 'clearMark', 'marks'] as const),
]);

function send(message: FromStoreThread): void {
  port.postMessage(message);
}

function failureOf(thrown: unknown): StoreFailure {
  const { code, message, cause } = asGatewayError(thrown, 'store_failed');
  return { code, message, ...(cause === undefined ? {} : { cause: describe(cause) }) };
}

function describe(cause: unknown): string {
  if (cause instanceof AggregateError) return `${cause.message}: ${cause.errors.map(describe).join('; ')}`;
  return cause instanceof Error ? cause.message : String(cause);
}

function openedAhead(path: string): OpenedAhead {
  try {
    try {
      return openAhead(path, new Date());
    } catch (thrown) {
      if (!saysFull(thrown) || !giveBackBallast(path)) throw thrown;
      return openAhead(path, new Date());
    }
  } catch (cause) {
    const message = `${path} cannot be written. Check permissions and free space.`;
    throw new GatewayError('data_unwritable', message, { cause });
  }
}

const data = workerData as StoreThreadData;
try {
  const engine = await loadSqlite();
  const { ahead, setAside: aheadAside } = openedAhead(aheadPath(data.path));
  const {
    made: thread,
    file,
    setAside,
  } = openOrReplace(engine, data.path, (opened) => new StoreThread(opened, ahead, data));
  port.on('message', (message: ToStoreThread) => {
    thread.receive(message);
  });
  const { storeId, upgraded } = file;
  const journal = thread.journalStart;
  send({
    ready: { storeId, engine: engine.name, journal, setAside, aheadSetAside: aheadAside, upgraded },
  });
} catch (thrown) {
  send({ openFailed: failureOf(thrown) });
}
