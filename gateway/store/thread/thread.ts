// The store's thread: it alone has the database file open for writing, so an fsync never holds up the event loop.
import { parentPort, workerData } from 'node:worker_threads';
import { asGatewayError, type GatewayError } from '../../../shared/errors.js';
import { unpackRows } from './append-run.js';
import { ClockCorrections } from '../history/clock-correction.js';
import { DiskRoom } from '../file/disk-room.js';
import { appendRun, buryWithin, makeRoomForHistory, type Room } from '../file/full-policy.js';
import { GroupCommit } from '../sqlite/group-commit.js';
import { HistoryPruner } from '../history/pruner.js';
import { HistoryTable } from '../history/table.js';
import { JournalTable } from '../commands/table.js';
import { loadSqlite } from '../sqlite/load.js';
import { LogbookTable } from '../logbook/table.js';
import { OutputTable } from '../commands/output-table.js';
import { OutboxTable } from '../outbox/table.js';
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
  type StoreArgs,
  type StoreFailure,
  type StoreOp,
  type StoreRequest,
  type StoreResult,
  type StoreThreadData,
  type ToStoreThread,
} from './protocol.js';

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
    const mustShrink = (): boolean =>
      mayGoForRoom({ nearsItsSize: room.nearsItsSize(), diskIsShort: room.wantsRoom() }, whenFull);
    const pruner = new HistoryPruner(file.database, mustShrink);
    const journal = new JournalTable(file.database, limits);
    const retention = new RecordTable(file.database);
    const corrections = new ClockCorrections(file);
    const outputs = new OutputTable(file.database);
    const logbook = new LogbookTable(file.database, limits);
    this.#room = { outbox, pruner, room, whenFull };
    this.#handlers = {
      ...handlersOf({ ...this.#room, history, retention, corrections, outputs, logbook }),
      ...journalHandlers(journal),
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
    else if (message === HURRY) this.#commits.hurry();
    else
      for (const request of message) {
        if ('firstId' in request) this.#enqueueRun(request);
        else this.#enqueue(request);
      }
  }

  #enqueue<Op extends SingleOp>({ id, op, args }: StoreRequest<Op>): void {
    let result: StoreResult<Op> | undefined;
    this.#commits.add({
      urgent: isUrgent(op, args),
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

/** What a command waits for before it is acknowledged, on the wire or answered; and what a start looks up. */
const URGENT: ReadonlySet<StoreOp> = new Set<StoreOp>([
  ...(['accept', 'begin', 'finish', 'left', 'unsaid', 'setMark', 'clearMark', 'marks'] as const),
]);

function isUrgent(op: SingleOp, args: StoreArgs<SingleOp>): boolean {
  return URGENT.has(op) || (args !== null && 'row' in args && args.row.kind === 'command');
}

type LogbookOp = 'note' | 'queryLogbook' | 'peekLogbook' | 'settleLogbook';

function logbookHandlers(logbook: LogbookTable): Pick<Handlers, LogbookOp> {
  return {
    note: ({ row }) => {
      logbook.note(row);
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

type JournalOp = 'accept' | 'begin' | 'finish' | 'said' | 'left' | 'unsaid' | 'journalStats';

function journalHandlers(journal: JournalTable): Pick<Handlers, JournalOp> {
  return {
    accept: ({ command, withinMs }) => journal.accept(command, withinMs),
    begin: (keys) => {
      journal.begin(keys);
      return null;
    },
    finish: ({ key, reply, mayRunAgain }) => journal.finish(key, reply, mayRunAgain),
    said: (positions) => {
      journal.said(positions);
      return null;
    },
    left: ({ boot, after, limit }) => journal.left(boot, after, limit),
    unsaid: ({ after, limit }) => journal.unsaid(after, limit),
    journalStats: () => journal.stats(),
  };
}

interface Tables extends Room {
  readonly history: HistoryTable;
  readonly retention: RecordTable;
  readonly logbook: LogbookTable;
  readonly corrections: ClockCorrections;
  readonly outputs: OutputTable;
}

function handlersOf(tables: Tables): Omit<Handlers, LogbookOp | JournalOp> {
  const { outbox, history, pruner, retention, corrections, outputs, room, logbook } = tables;
  return {
    peek: ({ limit, held }) => outbox.peek(limit, { held }),
    settle: ({ delivered, poisoned }) => outbox.settle(delivered, poisoned),
    bury: ({ refused, reason, acceptedTs }) => buryWithin(tables, refused, reason, acceptedTs),
    queryOutbox: (query) => outbox.query(query),
    stats: () => ({ ...outbox.stats(), disk: { ...room.stats(), historyGivenUp: pruner.givenUp } }),
    deliver: ({ rows }) => {
      makeRoomForHistory(tables);
      history.deliver(rows);
      return null;
    },
    queryHistory: (query) => history.query(query),
    known: ({ device, samples }) => history.known(device, samples),
    points: (query) => history.points(query),
    takeOver: ({ limit }) => {
      const rows = outbox.peek(limit);
      if (rows.length === 0) return { taken: 0, more: false, poisoned: [] };
      makeRoomForHistory(tables);
      const poisoned = history.deliver(rows).map(({ index, reason }) => ({
        position: rows[index]?.position ?? 0,
        reason,
      }));
      const more = rows.at(-1)?.cutBehind === true;
      outbox.settle([], poisoned);
      return { taken: outbox.dropOldest(rows.length - poisoned.length) + poisoned.length, more, poisoned };
    },
    retention: () => retention.read(),
    keepRecord: ({ record }) => {
      retention.write(record);
      return null;
    },
    prune: (step) => ({ samples: pruner.prune(step), entries: logbook.prune(step) }),
    correct: (correction) => {
      const corrected = corrections.run(correction);
      history.forget();
      return corrected;
    },
    sweep: ({ beforeTs }) => {
      pruner.sweep(beforeTs);
      history.forget();
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
  const {
    made: thread,
    file,
    setAside,
  } = openOrReplace(engine, data.path, (opened) => new StoreThread(opened, data));
  port.on('message', (message: ToStoreThread) => {
    thread.receive(message);
  });
  const { storeId, upgraded } = file;
  send({ ready: { storeId, engine: engine.name, setAside, upgraded } });
} catch (thrown) {
  send({ openFailed: failureOf(thrown) });
}
