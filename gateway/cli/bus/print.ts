// What `scan`, `read`, `write` and `trace` print for people.
import type { ExplainedTransaction } from '../../../bridge/trace/explain.js';
import type { RawAnswer } from '../../../bridge/requests/raw-access.js';
import type { ScanReport, Sweep } from '../../../bridge/requests/scan-bus.js';
import type { TraceAnswer } from '../../../bridge/trace/traces.js';
import { columns, table, type Cell } from '../print/columns.js';
import { wrapped } from '../print/width.js';
import { PLAIN_LOOK, type Look } from '../print/paint.js';

const HOW = {
  quick:
    'by address alone (SMBus Quick Write): no byte moved, no onRequest; onReceive was called with 0 bytes',
  read: 'by reading a byte: this called onRequest on every Arduino',
} as const;

export function printScan(report: ScanReport, look: Look = PLAIN_LOOK): readonly string[] {
  const { bus, path, probe, behind = [] } = report;
  const channels = behind.filter(
    ({ found, missing, claimed, failed }) =>
      found.length + missing.length + claimed.length + failed.length > 0,
  );
  const where = `bus ${bus}${bus === path ? '' : ` (${path})`}, 0x04 to 0x77, probed ${HOW[probe]}`;
  return [
    ...wrapped(where, look.widthColumns),
    ...printSweep(report, look),
    ...channels.flatMap((sweep) => [
      `behind ${sweep.mux}, channel ${String(sweep.channel)}`,
      ...printSweep(sweep, look).map((line) => `  ${line}`),
    ]),
  ];
}

function printSweep(
  { found, missing, claimed, failed }: Sweep,
  { paint, widthColumns }: Look,
): readonly string[] {
  const rows: (readonly Cell[])[] = [
    ...found.map(({ address, device, type, mux }) => {
      if (mux === true) return [address, { text: 'answers: a multiplexer', colour: 'green' }] as const;
      return device === undefined
        ? ([address, { text: 'answers, and is not configured', colour: 'yellow' }] as const)
        : ([
            address,
            { text: `answers: ${device}, configured as ${type ?? 'unknown'}`, colour: 'green' },
          ] as const);
    }),
    ...missing.map(
      ({ address, device }) => [address, { text: `does not answer: ${device}`, colour: 'red' }] as const,
    ),
    ...claimed.map((address) => [address, 'is held by a driver of the Linux kernel, and was not asked']),
    ...failed.map(
      ({ address, code, message }) => [address, { text: `${code}: ${message}`, colour: 'red' }] as const,
    ),
  ];
  const sum = found.length === 1 ? '1 answers' : `${String(found.length)} answer`;
  return [...columns(rows, paint, widthColumns), sum];
}

export function printRead({ bus, address, device, write, read, ms }: RawAnswer): readonly string[] {
  const who = device === undefined ? address : `${device} (${address})`;
  return [
    `${who} on ${bus}, ${String(ms)} ms`,
    ...(write === undefined ? [] : [`wrote  ${write}`]),
    ...(read === undefined ? [] : [`read   ${read}`]),
  ];
}

/** A table for each device. */
export function printTrace({ devices }: TraceAnswer, look: Look): readonly string[] {
  return Object.entries(devices).flatMap(([device, transactions]) => [
    `${device}: ${transactions.length === 0 ? 'nothing yet' : `the last ${String(transactions.length)}`}`,
    ...(transactions.length === 0 ? [] : table([HEADER, ...transactions.map(cellsOf)], look)),
  ]);
}

const HEADER = ['time', 'ms', 'outcome', 'wrote', 'read', 'meaning'];

function cellsOf(one: ExplainedTransaction): readonly Cell[] {
  const { ts, ms, waitedMs, code, write = '', read, readLength, ...decoded } = one;
  const asked = readLength === undefined ? '' : `(${String(readLength)} asked)`;
  const never = ms === undefined ? [`never ran, waited ${String(waitedMs)} ms`] : [];
  return [
    new Date(ts).toISOString().slice(11, 23),
    { text: ms?.toFixed(1) ?? '', align: 'right' },
    { text: code, colour: code === 'ok' ? 'green' : 'red' },
    { text: write, align: 'left' },
    { text: read ?? asked, align: 'left' },
    [...never, ...meaning(decoded)].join(', '),
  ];
}

function meaning({
  values = {},
  errors = {},
  fault,
}: Pick<ExplainedTransaction, 'values' | 'errors' | 'fault'>): readonly string[] {
  if (fault !== undefined) return [`not believed: ${fault}`];
  const fields = Object.entries(values).map(
    ([id, value]) => `${id}=${value === null ? (errors[id] ?? 'null') : String(value)}`,
  );
  return fields.length === 0 ? [] : [fields.join(' ')];
}
