// `scan`, `read`, `write` and `trace`: through the queue of the gateway that runs on the data folder, else directly.
import { stderr, stdout } from 'node:process';
import type { RawAnswer } from '../../../bridge/requests/raw-access.js';
import type { ScanReport } from '../../../bridge/requests/scan-bus.js';
import type { TraceAnswer } from '../../../bridge/trace/traces.js';
import { GatewayError } from '../../../shared/errors.js';
import { askGateway } from '../../control/ask.js';
import { wholeNumber } from '../typed/whole-number.js';
import { askDirectly, type DirectOptions } from './direct.js';
import { printAnswer as printJsonOr } from '../print/answer.js';
import { lookOf, type Look } from '../print/paint.js';
import { printRead, printScan, printTrace } from './print.js';

export interface RawOptions extends DirectOptions {
  readonly json?: boolean;
}

export interface ScanOptions extends RawOptions {
  readonly probe: string;
}

export interface ReadOptions extends RawOptions {
  readonly write?: string;
  readonly repeatedStart?: boolean;
  readonly delay?: string;
}

export interface WriteOptions extends RawOptions {
  readonly yes?: boolean;
}

export interface TraceOptions {
  readonly last: string;
  readonly data: string;
  readonly json?: boolean;
}

const READ_WARNING =
  'warning: reading a byte from every address calls onRequest on every Arduino, and takes the byte from whoever has one to give\n';

type Data = Readonly<Record<string, unknown>>;

export async function scan(options: ScanOptions): Promise<void> {
  const { bus, probe, json } = options;
  // Before it is done: afterwards nobody can take it back.
  if (probe === 'read') stderr.write(READ_WARNING);
  const report = (await askBus(options, 'scan', {
    ...(bus === undefined ? {} : { bus }),
    probe,
  })) as ScanReport;
  print(json, report, printScan);
}

export async function read(target: string, count: string, options: ReadOptions): Promise<void> {
  const { write, repeatedStart, delay, json } = options;
  const data = {
    ...placeOf(target, options),
    read: wholeNumber(count, 'The count of bytes'),
    ...(write === undefined ? {} : { write }),
    ...(repeatedStart === true ? { repeated_start: true } : {}),
    ...(delay === undefined ? {} : { delay_ms: wholeNumber(delay, '--delay') }),
  };
  print(json, (await askBus(options, 'read', data)) as RawAnswer, printRead);
}

export async function write(target: string, bytes: readonly string[], options: WriteOptions): Promise<void> {
  if (options.yes !== true)
    throw new GatewayError(
      'bad_argument',
      'Nothing was written. Raw bytes go past every limit, check and safe ending of the device’s type; if that is what you want, add --yes.',
    );
  const data = { ...placeOf(target, options), write: bytes.join(' ') };
  print(options.json, (await askBus(options, 'write', data)) as RawAnswer, printRead);
}

export async function trace(device: string | undefined, options: TraceOptions): Promise<void> {
  const asked = { ...(device === undefined ? {} : { device }), last: wholeNumber(options.last, '--last') };
  const answer = await typed(() => askGateway(options.data, 'trace', asked));
  if (answer === undefined)
    throw new GatewayError(
      'closed',
      `No gateway runs on the data folder ${options.data}: a trace is what a running one remembers.`,
    );
  print(options.json, answer.data as TraceAnswer, printTrace);
}

/** Through the gateway that runs on the data folder, else directly. Rejects as the request does. */
export async function askBus(options: RawOptions, op: string, data: Data): Promise<unknown> {
  const answer = await typed(() => askGateway(options.data, op, data));
  if (answer !== undefined) {
    stderr.write(`through the gateway that runs on ${options.data}\n`);
    return answer.data;
  }
  return typed(() => askDirectly(options, op, data));
}

/** What was typed is the mistake, not a payload. */
async function typed<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === 'bad_payload')
      throw new GatewayError('bad_argument', thrown.message, { cause: thrown });
    throw thrown;
  }
}

/** `0x08` and `8` are addresses; all else is the id of a device. */
function placeOf(target: string, { bus }: RawOptions): Data {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(target)) return { device: target };
  return { address: Number(target), ...(bus === undefined ? {} : { bus }) };
}

function print<T>(
  json: boolean | undefined,
  answer: T,
  lines: (answer: T, look: Look) => readonly string[],
): void {
  printJsonOr(json, answer, () => lines(answer, lookOf(stdout)));
}
