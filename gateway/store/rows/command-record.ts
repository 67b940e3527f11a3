// What becomes of commands, one record a step: in the command log first, and soon after a change of the tables. A line has all
// records of one write, so that what belongs together is there or not, behind its checksum (checked-line.ts).
//
//   {"generation":731}                                                    begins a file
//   [{"n":1,"accept":{"key":"=a1", …},"position":12}]
//   [{"n":2,"begin":["=a1"]}]
//   [{"n":3,"note":{"key":"…","ts":…,"kind":"command", …}},               its line of the logbook
//    {"n":4,"finish":{"key":"=a1","reply":"{…}","mayRunAgain":false}}]    with its answer
//   [{"n":5,"said":[12]}]                                                 which has left
import { crc32 } from 'node:zlib';
import type { IncomingCommand } from '../../../shared/command-journal.js';
import { checkedLine, lineOf } from './checked-line.js';
import type { LogbookRow } from './entry.js';

export interface Finished {
  readonly key: string;
  readonly reply: string;
  readonly mayRunAgain: boolean;
}

export type CommandRecord =
  | { readonly accept: IncomingCommand; readonly position: number }
  | { readonly begin: readonly string[] }
  | { readonly finish: Finished }
  | { readonly said: readonly number[] }
  | { readonly note: LogbookRow };

/** `n` counts within a generation: the tables say how far they have come by it. */
export type NumberedRecord = CommandRecord & { readonly n: number };

/** As far as the tables have come. */
export interface LogMark {
  readonly generation: number;
  readonly n: number;
}

export interface FoundRecords {
  /** Undefined where the beginning can't be read. */
  readonly generation: number | undefined;
  readonly records: readonly NumberedRecord[];
  /** So many bytes are whole lines; behind them is one that was cut off. */
  readonly wholeBytes: number;
  /** Lines that are damaged. What was cut off in the middle of a line is none. */
  readonly damaged: number;
}

export function recordsLine(generation: number, records: readonly NumberedRecord[]): string {
  return lineOf(generation, JSON.stringify(records));
}

export function readRecords(text: string): FoundRecords {
  let generation: number | undefined;
  const records: NumberedRecord[] = [];
  let [at, damaged, wholeChars] = [0, 0, 0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
    const json = checkedLine(generation ?? 0, text.slice(at, end));
    at = end + 1;
    if (json === undefined) {
      damaged += 1;
      continue;
    }
    wholeChars = at;
    // What has its checksum was written by `recordsLine` or `firstLine`.
    const said = JSON.parse(json) as readonly NumberedRecord[] | { readonly generation: number };
    if ('generation' in said) ({ generation } = said);
    else records.push(...said);
  }
  return { generation, records, wholeBytes: Buffer.byteLength(text.slice(0, wholeChars)), damaged };
}

/** Those that the tables do not have yet. */
export function beyond(
  mark: LogMark | undefined,
  { generation, records }: Pick<FoundRecords, 'generation' | 'records'>,
): readonly NumberedRecord[] {
  if (mark === undefined || mark.generation !== generation) return records;
  return records.filter(({ n }) => n > mark.n);
}

/** Of a command's key, so small that V8 keeps it as a plain number. Two keys with one hash cost a question, nothing else. */
export function keyHash(key: string): number {
  return crc32(key) >>> 2;
}
