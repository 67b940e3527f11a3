// Samples as lines of text, about 35 bytes each: what samples have in common is said once, numbers are told from where
// they began, and a checksum begins every line.
//
//   k1x9 {"generation":731}                                          begins a file
//   p03c {"series":0,"boot":"b","device":"tank-1","gateway":"g","fields":["level"],"position":1,"seq":0,"ts":1764}
//   9ab2 [0,1,1,100,2,[431]]           series, then position, seq, ts and acceptedTs beyond where they began; readings
//   7cc1 [0,2,2,200,2,[null],{"level":"no answer"}]                  and errors, mark, run, where it has them
//   2m0d {"gone":[[1,2]]}                                            are delivered, or in a table
import type { ClockMark, Value } from '../../../shared/sample.js';
import { checkedLine, firstLine, lineOf, newGeneration } from '../rows/checked-line.js';
import { bodyOf, splitBody } from '../rows/sample.js';
import type { AheadRow } from './row.js';

/** From one position to another, both included. */
export type PositionRange = readonly [from: number, to: number];

interface Series {
  readonly series: number;
  readonly boot: string | null;
  readonly device: string;
  readonly gateway: string;
  readonly fields: readonly string[];
  readonly position: number;
  readonly seq: number;
  readonly ts: number;
}

type RowCells = readonly [
  series: number,
  position: number,
  seq: number | null,
  ts: number,
  acceptedTs: number,
  readings: readonly Value[],
  errors?: Readonly<Record<string, string>> | null,
  clock?: ClockMark | null,
  run?: string,
];

/** More than these are no more worth a number each. */
const MOST_SERIES = 1000;

/** What is said in a file already, so that it need not be said again. */
export class LineWriter {
  #generation: number;
  readonly #series = new Map<string, Series>();
  /** The number of the next series. */
  #next = 0;

  constructor(generation: number) {
    this.#generation = generation;
  }

  get isFull(): boolean {
    return this.#series.size >= MOST_SERIES;
  }

  /** How many series have been said; `sayAgain` from there on, where they did not get into the file. */
  get said(): number {
    return this.#next;
  }

  sayAgain(from: number): void {
    for (const [key, { series }] of this.#series) if (series >= from) this.#series.delete(key);
  }

  /** The next line begins a file, of another generation than the one before. */
  begin(generation = newGeneration()): string {
    this.#generation = generation;
    this.#series.clear();
    this.#next = 0;
    return firstLine(generation);
  }

  rows(rows: readonly AheadRow[]): string {
    return rows.map((row) => this.#row(row)).join('');
  }

  gone(ranges: readonly PositionRange[]): string {
    return lineOf(this.#generation, JSON.stringify({ gone: ranges }));
  }

  /** As found in a file that goes on. */
  know(series: Series): void {
    this.#series.set(keyOf(series.boot, series, JSON.stringify(series.fields)), series);
    this.#next = Math.max(this.#next, series.series + 1);
  }

  #row(row: AheadRow): string {
    const { fields, readings, errors } = splitBody(row.body);
    const key = keyOf(row.boot, row, fields);
    const known = this.#series.get(key);
    const series = known !== undefined && leadsTo(known, row) ? known : this.#define(key, row, fields);
    const cells = [
      ...[series.series, row.position - series.position, row.seq === null ? null : row.seq - series.seq],
      ...[row.ts - series.ts, Math.round(row.acceptedTs - row.ts)],
    ];
    const { clock, run } = row;
    const marks =
      clock === undefined ? '' : `,"${clock}"${run === undefined ? '' : `,${JSON.stringify(run)}`}`;
    const rest = errors === null && marks === '' ? '' : `,${errors ?? 'null'}${marks}`;
    const text = lineOf(this.#generation, `[${cells.map(String).join()},${readings}${rest}]`);
    return series === known ? text : lineOf(this.#generation, JSON.stringify(series)) + text;
  }

  #define(key: string, { boot, device, gateway, position, seq, ts }: AheadRow, fields: string): Series {
    const names = JSON.parse(fields) as readonly string[];
    const made = { series: this.#next, boot, device, gateway, fields: names, position, seq: seq ?? 0, ts };
    this.#next += 1;
    this.#series.set(key, made);
    return made;
  }
}

/** Far from where it began, or of fractions, a sum of numbers need not be what it was. */
function leadsTo(series: Series, { position, seq, ts }: AheadRow): boolean {
  const again = (from: number, to: number): boolean => from + (to - from) === to;
  return again(series.position, position) && again(series.seq, seq ?? series.seq) && again(series.ts, ts);
}

export interface ReadLines {
  readonly rows: readonly AheadRow[];
  /** Goes on where the file ends. */
  readonly writer: LineWriter | undefined;
  /** So many characters of the text are whole lines; behind them is one that was cut off. */
  readonly wholeChars: number;
  /** Lines that are damaged: their samples are lost. What was cut off in the middle of a line is none. */
  readonly damaged: number;
}

/** What a file says; nothing of one whose beginning can't be read. */
export function readLines(text: string): ReadLines {
  const reader = new LineReader();
  let [at, wholeChars, damaged] = [0, 0, 0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
    if (reader.take(text.slice(at, end))) wholeChars = end + 1;
    else damaged += 1;
    at = end + 1;
  }
  return { rows: [...reader.rows.values()], writer: reader.writer, wholeChars, damaged };
}

class LineReader {
  readonly rows = new Map<number, AheadRow>();
  writer: LineWriter | undefined;
  #generation = 0;
  readonly #series = new Map<number, Series>();

  /** False where it is no line of this file. */
  take(text: string): boolean {
    const json = checkedLine(this.#generation, text);
    if (json === undefined) return false;
    // What has its checksum was written by `LineWriter`.
    const said = JSON.parse(json) as
      RowCells | Series | { readonly gone: readonly PositionRange[] } | { readonly generation: number };
    if ('generation' in said) this.#begin(said.generation);
    else if ('gone' in said) this.#forget(said.gone);
    else if ('fields' in said) this.#know(said);
    else return this.#keep(said);
    return true;
  }

  #begin(generation: number): void {
    this.#generation = generation;
    this.writer = new LineWriter(generation);
  }

  #know(series: Series): void {
    this.#series.set(series.series, series);
    this.writer?.know(series);
  }

  #forget(ranges: readonly PositionRange[]): void {
    for (const [from, to] of ranges)
      for (let position = from; position <= to; position += 1) this.rows.delete(position);
  }

  #keep([series, position, seq, ts, acceptedTs, readings, errors, clock, run]: RowCells): boolean {
    const its = this.#series.get(series);
    if (its === undefined) return false;
    const { boot, device, gateway, fields } = its;
    const values = Object.fromEntries(fields.map((field, index) => [field, readings[index] ?? null]));
    const row = {
      ...{ boot, device, gateway, position: its.position + position },
      ...{ seq: seq === null ? null : its.seq + seq, ts: its.ts + ts, acceptedTs: its.ts + ts + acceptedTs },
      body: bodyOf(errors ? { values, errors } : { values }),
      ...(clock ? { clock } : {}),
      ...(run === undefined ? {} : { run }),
    };
    this.rows.set(row.position, row);
    return true;
  }
}

function keyOf(
  boot: string | null,
  { device, gateway }: Pick<AheadRow, 'device' | 'gateway'>,
  fields: string,
): string {
  // No name holds a NUL (rows/sample.ts).
  return [boot === null ? '-' : `+${boot}`, device, gateway, fields].join('\0');
}
