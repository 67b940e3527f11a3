// The store's thread: it alone has the database file open for writing, so an fsync never holds up the event loop.
import { parentPort, workerData } from 'node:worker_threads';
import { asGatewayError, type GatewayError } from '../../shared/errors.js';
import { unpackRows } from './append-run.js';
import { ClockCorrections } from './clock-correction.js';
import { DiskRoom } from './disk-room.js';
import { appendRun, makeRoomForHistory, type Room } from './full-policy.js';
import { GroupCommit } from './group-commit.js';
import { HistoryPruner } from './history-pruner.js';
import { HistoryTable } from './history-table.js';
import { JournalTable } from './journal-table.js';
import { loadSqlite } from './load-sqlite.js';
import { LogbookTable } from './logbook-table.js';
import { OutputTable } from './output-table.js';
import { OutboxTable } from './outbox-table.js';
import { markDamaged, openOrReplace } from './open-or-replace.js';
import { RetentionTable } from './retention-table.js';
import { sqliteCode } from './sqlite.js';
import type { StoreFile } from './store-file.js';
import {
  CLOSE,
  type AppendRun,
  type FromStoreThread,
  type RunAnswer,
  type StoreAnswer,
  type StoreArgs,
  type StoreFailure,
  type StoreOp,
  type StoreRequest,
  type StoreResult,
  type StoreThreadData,
  type ToStoreThread,
} from './store-protocol.js';

if (parentPort === null) throw new Error('store-thread.js runs as a worker thread only');
const port = parentPort;

/** Appends come as runs, see `enqueueRun`. */
type SingleOp = Exclude<StoreOp, 'append'>;
type Handlers = { readonly [Op in SingleOp]: (args: StoreArgs<Op>) => StoreResult<Op> };

class StoreThread {
  readonly #file: StoreFile;
  readonly #path: string;
  readonly #room: Room;
  readonly #commits: GroupCommit;
  readonly #handlers: Handlers;
  #answers: StoreAnswer[] = [];

  constructor(file: StoreFile, { path, limits, whenFull, commitSpacingMs }: StoreThreadData) {
    this.#file = file;
    this.#path = path;
    const room = new DiskRoom(path, file.database, limits);
    const outbox = new OutboxTable(file, limits);
    const history = new HistoryTable(file.database);
    // Without MongoDB the history is where samples are kept for good: a disk that others filled must not empty it,
    // unless the oldest were chosen to go.
    const mustShrink = (): boolean => room.nearsItsSize() || (whenFull === 'drop-oldest' && room.wantsRoom());
    const pruner = new HistoryPruner(file.database, mustShrink);
    const journal = new JournalTable(file.database, limits.commands);
    const retention = new RetentionTable(file.database);
    const corrections = new ClockCorrections(file.database);
    const outputs = new OutputTable(file.database);
    const logbook = new LogbookTable(file.database, limits);
    this.#room = { outbox, pruner, room, whenFull };
    this.#handlers = {
      ...handlersOf({ ...this.#room, history, retention, corrections, journal, outputs }),
      ...logbookHandlers(logbook),
    };
    this.#commits = new GroupCommit(file.database, {
      onRollback: () => {
        outbox.recount();
        history.forget();
        journal.recount();
        logbook.recount();
      },
      onFull: () => room.giveBack(),
      spacingMs: commitSpacingMs,
      onAnswered: () => {
        send({ answers: this.#answers });
        this.#answers = [];
      },
    });
  }

  receive(message: ToStoreThread): void {
    if (message === CLOSE) this.#close();
    else
      for (const request of message) {
        if ('firstId' in request) this.#enqueueRun(request);
        else this.#enqueue(request);
      }
  }

  #enqueue<Op extends SingleOp>({ id, op, args }: StoreRequest<Op>): void {
    let result: StoreResult<Op> | undefined;
    this.#commits.add({
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
    let results: RunAnswer['results'] = [];
    this.#commits.add({
      // Anew where the commit is tried once more.
      run: () => {
        results = appendRun(this.#room, rows, asked).map((result) =>
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

  #close(): void {
    this.#commits.commit();
    this.#file.database.close();
    port.close();
  }
}

type LogbookOp = 'note' | 'queryLogbook' | 'peekLogbook' | 'settleLogbook';

function logbookHandlers(logbook: LogbookTable): Pick<Handlers, LogbookOp> {
  return {
    note: ({ row, beforeTs }) => {
      logbook.note(row, beforeTs);
      return null;
    },
    queryLogbook: (query) => logbook.query(query),
    peekLogbook: ({ limit }) => logbook.peek(limit),
    settleLogbook: (positions) => {
      logbook.settle(positions);
      return null;
    },
  };
}

interface Tables extends Room {
  readonly history: HistoryTable;
  readonly retention: RetentionTable;
  readonly corrections: ClockCorrections;
  readonly journal: JournalTable;
  readonly outputs: OutputTable;
}

function handlersOf(tables: Tables): Omit<Handlers, LogbookOp> {
  const { outbox, history, pruner, retention, corrections, journal, outputs, room } = tables;
  return {
    peek: ({ limit }) => outbox.peek(limit),
    settle: ({ delivered, poisoned }) => outbox.settle(delivered, poisoned),
    queryOutbox: (query) => outbox.query(query),
    stats: () => ({ ...outbox.stats(), disk: { ...room.stats(), historyGivenUp: pruner.givenUp } }),
    deliver: ({ rows }) => {
      makeRoomForHistory(tables);
      history.deliver(rows);
      return null;
    },
    queryHistory: (query) => history.query(query),
    points: (query) => history.points(query),
    takeOver: ({ limit }) => {
      const rows = outbox.peek(limit);
      if (rows.length === 0) return 0;
      makeRoomForHistory(tables);
      history.deliver(rows);
      return outbox.dropOldest(rows.length);
    },
    prune: ({ keepMs, chunkRows, nowTs, monotonicMs }) => {
      const trustedTs = retention.trustedTs(nowTs, monotonicMs);
      return pruner.prune({ chunkRows, ...(keepMs === undefined ? {} : { beforeTs: trustedTs - keepMs }) });
    },
    correct: (correction) => corrections.run(correction),
    sweep: () => {
      pruner.sweep();
      history.forget();
      return null;
    },
    begin: ({ key, boot }) => journal.begin(key, boot),
    finish: ({ key, reply }) => {
      journal.finish(key, reply);
      return null;
    },
    forget: ({ key }) => {
      journal.forget(key);
      return null;
    },
    setMark: ({ key, mark }) => {
      outputs.set(key, mark);
      return null;
    },
    clearMark: ({ key }) => {
      outputs.clear(key);
      return null;
    },
    marks: () => outputs.all(),
  };
}

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

const data = workerData as StoreThreadData;
try {
  const engine = await loadSqlite();
  const { file, setAside } = openOrReplace(engine, data.path);
  const thread = new StoreThread(file, data);
  port.on('message', (message: ToStoreThread) => {
    thread.receive(message);
  });
  const aside = setAside === undefined ? {} : { setAside };
  send({ ready: { storeId: file.storeId, engine: engine.name, ...aside } });
} catch (thrown) {
  send({ openFailed: failureOf(thrown) });
}
