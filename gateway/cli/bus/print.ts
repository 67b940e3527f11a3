// What `scan`, `read`, `write` and `trace` print for people.
import type { ExplainedTransaction } from '../../../bridge/trace/explain.js';
import type { RawAnswer } from '../../../bridge/requests/raw-access.js';
import type { ScanReport, Sweep } from '../../../bridge/requests/scan-bus.js';
import type { TraceAnswer } from '../../../bridge/trace/traces.js';

const HOW = {
  quick:
    'by address alone (SMBus Quick Write): no byte moved, no onRequest; onReceive was called with 0 bytes',
  read: 'by reading a byte: this called onRequest on every Arduino',
} as const;

export function printScan(report: ScanReport): readonly string[] {
  const { bus, path, probe, behind = [] } = report;
  const channels = behind.filter(
    ({ found, missing, claimed, failed }) =>
      found.length + missing.length + claimed.length + failed.length > 0,
  );
  return [
    `bus ${bus}${bus === path ? '' : ` (${path})`}, 0x04 to 0x77, probed ${HOW[probe]}`,
    ...printSweep(report),
    ...channels.flatMap((sweep) => [
      `behind ${sweep.mux}, channel ${String(sweep.channel)}`,
      ...printSweep(sweep).map((line) => `  ${line}`),
    ]),
  ];
}

function printSweep({ found, missing, claimed, failed }: Sweep): readonly string[] {
  return [
    ...found.map(({ address, device, type, mux }) => {
      if (mux === true) return `${address}  answers: a multiplexer`;
      return device === undefined
        ? `${address}  answers, and is not configured`
        : `${address}  answers: ${device}, configured as ${type ?? 'unknown'}`;
    }),
    ...missing.map(({ address, device }) => `${address}  does not answer: ${device}`),
    ...claimed.map((address) => `${address}  is held by a driver of the Linux kernel, and was not asked`),
    ...failed.map(({ address, code, message }) => `${address}  ${code}: ${message}`),
    found.length === 1 ? '1 answers' : `${String(found.length)} answer`,
  ];
}

export function printAnswer({ bus, address, device, write, read, ms }: RawAnswer): readonly string[] {
  const who = device === undefined ? address : `${device} (${address})`;
  return [
    `${who} on ${bus}, ${String(ms)} ms`,
    ...(write === undefined ? [] : [`wrote  ${write}`]),
    ...(read === undefined ? [] : [`read   ${read}`]),
  ];
}

export function printTrace({ devices }: TraceAnswer): readonly string[] {
  return Object.entries(devices).flatMap(([device, transactions]) => [
    `${device}: ${transactions.length === 0 ? 'nothing yet' : `the last ${String(transactions.length)}`}`,
    ...transactions.map((one) => `  ${line(one)}`),
  ]);
}

function line({ ts, ms, waitedMs, code, write, read, readLength, ...decoded }: ExplainedTransaction): string {
  const parts = [
    new Date(ts).toISOString().slice(11, 23),
    ms === undefined ? `never ran, waited ${String(waitedMs)} ms` : `${ms.toFixed(1).padStart(6)} ms`,
    code,
    ...(write === undefined ? [] : [`> ${write}`]),
    ...(read === undefined
      ? readLength === undefined
        ? []
        : [`< (${String(readLength)} asked)`]
      : [`< ${read}`]),
    ...meaning(decoded),
  ];
  return parts.join('  ');
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
  return fields.length === 0 ? [] : [`= ${fields.join(' ')}`];
}
