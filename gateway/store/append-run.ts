// Appends that were asked one after the other in one turn travel as one text. Cloning an object for each sample cost
// more than storing it: 790 µs a hundred, this 70 (v8.serialize and back, Node 20); and as one job they share a savepoint.
import type { IncomingRow } from './sample-row.js';
import type { AppendRun, StoreRequest } from './store-protocol.js';

/** No cell holds it: `rowOfIncoming` refuses it in a name, and JSON escapes it. */
const END = '\0';
const CELLS = 6;

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
      sizes: run.map(({ args }) => args.rows.length),
      cells: packRows(run.flatMap(({ args }) => args.rows)),
    });
    run = [];
  };
  for (const request of requests) {
    if (isAppend(request)) run.push(request);
    else {
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
      ({ boot, device, seq, ts, gateway, body }) =>
        `${boot ?? ''}${END}${device}${END}${String(seq ?? '')}${END}${String(ts)}${END}${gateway}${END}${body}`,
    )
    .join(END);
}

/** The rows as they were: a number's shortest text reads back as the same number. */
export function unpackRows(text: string): IncomingRow[] {
  const cells = text.split(END);
  const cell = (index: number): string => cells[index] ?? '';
  const rows: IncomingRow[] = [];
  for (let at = 0; at + CELLS <= cells.length; at += CELLS) {
    const seq = cell(at + 2);
    rows.push({
      // Both or neither: an identity's boot may be empty, its seq not.
      boot: seq === '' ? null : cell(at),
      device: cell(at + 1),
      seq: seq === '' ? null : Number(seq),
      ts: Number(cell(at + 3)),
      gateway: cell(at + 4),
      body: cell(at + 5),
    });
  }
  return rows;
}
