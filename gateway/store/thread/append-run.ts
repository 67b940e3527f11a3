// Appends that were asked one after the other in one turn travel as one text. Cloning an object for each sample cost
// more than storing it: 790 µs a hundred, this 70 (v8.serialize and back, Node 20); and as one job they share a savepoint.
import type { ClockMark } from '../../../shared/sample.js';
import type { IncomingRow } from '../rows/sample.js';
import type { AppendRun, StoreRequest } from './protocol.js';

/** No cell holds it: `rowOfIncoming` refuses it in a name, and JSON escapes it. */
const END = '\0';
const CELLS = 6;
/** Behind the time of a marked sample, before its mark and its run: an unmarked one pays nothing for them. */
const MARK = ' ';

/** The same, in the same order, with what was appended one after the other packed together. */
export function withRuns(requests: readonly StoreRequest[]): (StoreRequest | AppendRun)[] {
  const packed: (StoreRequest | AppendRun)[] = [];
  let run: StoreRequest<'append'>[] = [];
  const endRun = (): void => {
    const [first] = run;
    if (first === undefined) return;
    packed.push({
      firstId: first.id,
      acceptedTs: first.args.acceptedTs,
      lazily: first.args.lazily,
      sizes: run.map(({ args }) => args.rows.length),
      cells: packRows(run.flatMap(({ args }) => args.rows)),
    });
    run = [];
  };
  for (const request of requests) {
    if (isAppend(request)) {
      if (run[0]?.args.lazily === !request.args.lazily) endRun();
      run.push(request);
    } else {
      endRun();
      packed.push(request);
    }
  }
  endRun();
  return packed;
}

function isAppend(request: StoreRequest): request is StoreRequest<'append'> {
  return request.op === 'append';
}

function packRows(rows: readonly IncomingRow[]): string {
  return rows
    .map(
      (row) =>
        `${row.boot ?? ''}${END}${row.device}${END}${String(row.seq ?? '')}${END}${timeCell(row)}${END}${row.gateway}${END}${row.body}`,
    )
    .join(END);
}

function timeCell({ ts, clock, run = '' }: IncomingRow): string {
  return clock === undefined ? String(ts) : `${String(ts)}${MARK}${clock}${MARK}${run}`;
}

/** The rows as they were: a number's shortest text reads back as the same number. */
export function unpackRows(text: string): IncomingRow[] {
  const cells = text.split(END);
  const cell = (index: number): string => cells[index] ?? '';
  const rows: IncomingRow[] = [];
  for (let at = 0; at + CELLS <= cells.length; at += CELLS) {
    const seq = cell(at + 2);
    const ts = Number(cell(at + 3));
    const row = {
      // Both or neither: an identity's boot may be empty, its seq not.
      boot: seq === '' ? null : cell(at),
      device: cell(at + 1),
      seq: seq === '' ? null : Number(seq),
      ts,
      gateway: cell(at + 4),
      body: cell(at + 5),
    };
    rows.push(Number.isNaN(ts) ? { ...row, ...markedTime(cell(at + 3)) } : row);
  }
  return rows;
}

function markedTime(text: string): Pick<IncomingRow, 'ts' | 'clock' | 'run'> {
  const [ts, clock, ...run] = text.split(MARK);
  // Written by `timeCell` only.
  const time = { ts: Number(ts), clock: clock as ClockMark };
  return run.join(MARK) === '' ? time : { ...time, run: run.join(MARK) };
}
