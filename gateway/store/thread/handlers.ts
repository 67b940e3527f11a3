// What each request to the store's thread does, within the transaction of its turn.
import { makeRoomForHistory, buryWithin, type Room } from '../file/full-policy.js';
import type { ClockCorrections } from '../history/clock-correction.js';
import type { HistoryTable } from '../history/table.js';
import type { JournalTable } from '../commands/table.js';
import type { MovedRecords } from '../commands/moved-records.js';
import type { LogbookTable } from '../logbook/table.js';
import type { OutputTable } from '../commands/output-table.js';
import type { RecordTable } from '../retention/record-table.js';
import type { StoreArgs, StoreOp, StoreResult } from './protocol.js';

/** Appends come as runs. */
export type SingleOp = Exclude<StoreOp, 'append'>;
export type Handlers = { readonly [Op in SingleOp]: (args: StoreArgs<Op>) => StoreResult<Op> };

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

type JournalOp = 'moveCommands' | 'accept' | 'left' | 'unsaid' | 'journalStats' | 'keyHashes';

function journalHandlers({ journal, moved }: Pick<Tables, 'journal' | 'moved'>): Pick<Handlers, JournalOp> {
  return {
    moveCommands: ({ records, mark }) => {
      moved.take(records, mark);
      return null;
    },
    accept: ({ command, withinMs, position }) => journal.accept(command, withinMs, position),
    keyHashes: () => moved.keyHashes(),
    left: ({ boot, after, limit }) => journal.left(boot, after, limit),
    unsaid: ({ after, limit }) => journal.unsaid(after, limit),
    journalStats: () => journal.stats(),
  };
}

export interface Tables extends Room {
  readonly history: HistoryTable;
  readonly retention: RecordTable;
  readonly logbook: LogbookTable;
  readonly corrections: ClockCorrections;
  readonly outputs: OutputTable;
  readonly journal: JournalTable;
  readonly moved: MovedRecords;
}

export function handlersOf(tables: Tables): Handlers {
  return { ...storeHandlers(tables), ...journalHandlers(tables), ...logbookHandlers(tables.logbook) };
}

function storeHandlers(tables: Tables): Omit<Handlers, LogbookOp | JournalOp> {
  const { outbox, history, pruner, retention, corrections, outputs, room, logbook } = tables;
  return {
    peek: ({ limit, held }) => outbox.peek(limit, { held }),
    settle: ({ delivered, poisoned }) => outbox.settle(delivered, poisoned),
    bury: ({ refused, reason, acceptedTs }) => buryWithin(tables, refused, reason, acceptedTs),
    queryOutbox: (query) => outbox.query(query),
    queryAhead: (query) => outbox.queryAhead(query),
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
      const { rows, more } = outbox.toMove(limit);
      if (rows.length === 0) return { taken: 0, more, poisoned: [] };
      makeRoomForHistory(tables);
      const poisoned = history.deliver(rows).map(({ index, reason }) => ({
        position: rows[index]?.position ?? 0,
        reason,
      }));
      return { taken: outbox.takeOut(rows, poisoned), more, poisoned };
    },
    retention: () => retention.read(),
    keepRecord: ({ record }) => {
      retention.write(record);
      return null;
    },
    prune: (step) => ({ samples: pruner.prune(step), entries: logbook.prune(step) }),
    correct: (correction) => {
      outbox.fold();
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
