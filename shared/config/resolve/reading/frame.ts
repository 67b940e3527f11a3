// What stands around the fields of a reply → codec terms, and every mistake that its schema can't see.
import { checkLength, fitsCheck, type CheckSpec } from '../../../codec/checksum.js';
import { envelopeLength, frontLength } from '../../../codec/envelope.js';
import { bodyLength, STATUS_OK } from '../../../codec/frame.js';
import type { EnvelopeSpec, QuestionSpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import type { CheckInput } from '../../schema/frame.js';
import { below, reportTwins, type Report } from '../../report.js';
import type { QuestionInput } from '../../schema/question.js';

type Frame = Pick<QuestionSpec, 'write' | 'readLength' | 'envelope' | 'check' | 'echo' | 'status'>;

/** The frame of a reply. What can't be right is reported with its path below the sample, identify or verify. */
export function resolveFrame(input: QuestionInput, report: Report): Frame {
  const check = input.check === undefined ? undefined : resolveCheck(input.check);
  const status = input.status === undefined ? undefined : statusOf(input.status, below(report, 'status'));
  const write = Uint8Array.from(input.write ?? []);
  const envelope = input.frame === undefined ? undefined : resolveEnvelope(input.frame);
  const frame = {
    write,
    readLength: input.read,
    ...defined({ envelope, check, status, echo: input.echo }),
  };
  if (!fitsCheck(check, input.read))
    report(
      ['read'],
      `is ${String(input.read)}, which is no whole number of groups of ${String(check?.each)} byte(s) and their check; correct read or check.each`,
    );
  else if (bodyLength(frame) < 1)
    report(['read'], 'leaves no byte for fields beside frame, echo, status and checksum; read more bytes');
  reportFrameMistakes(frame, report);
  return frame;
}

function reportFrameMistakes(frame: Frame, report: Report): void {
  const { write, envelope, check, echo = 0, status } = frame;
  if (check?.each !== undefined && envelope !== undefined)
    report(['check', 'each'], 'goes without a frame only; remove one of them');
  if (check?.each !== undefined && check.skip !== undefined)
    report(['check', 'skip'], 'goes with one check at the end only; remove each or skip');
  if (echo > write.length)
    report(
      ['echo'],
      `is ${String(echo)}, but write has ${String(write.length)} byte(s); only these can come back`,
    );
  if (check?.skip !== undefined && check.each === undefined && check.skip >= mostCovered(frame))
    report(
      ['check', 'skip'],
      `leaves none of the ${String(mostCovered(frame))} byte(s) before the check to be covered`,
    );
  if (check?.each !== undefined && check.over !== undefined && check.over !== 'reply')
    report(['check', 'over'], 'goes with one check at the end only; remove each or over');
  if (status !== undefined && ![...status.values()].includes(STATUS_OK))
    report(['status'], 'names no value that is ok; add one, such as 1: ok');
  if (envelope?.stray !== undefined && mayBegin(frame, envelope, envelope.stray))
    report(
      ['frame', 'stray'],
      "is a byte that the reply behind it may begin with, and can't be told from it; describe a start, or a length that is never this",
    );
}

/** Bytes before the check, of the longest frame. */
function mostCovered(frame: Frame): number {
  const around = envelopeLength(frame.envelope) - frontLength(frame.envelope);
  return frame.readLength - checkLength(frame.check, frame.readLength) - around;
}

/** Whether this may be the first byte of a reply that has no stray one. Of the start itself none is passed over. */
function mayBegin(frame: Frame, { start, length, end }: EnvelopeSpec, stray: number): boolean {
  const { write, echo = 0, status, check, readLength } = frame;
  if (start.length > 0) return false;
  if (length === undefined) return echo > 0 ? write[0] === stray : (status?.has(stray) ?? true);
  const behind = { body: 0, rest: checkLength(check, readLength) + end.length, all: 0 };
  behind.all = behind.rest + frontLength(frame.envelope);
  // Counted are echo, status and a body of one byte to as many as there is room for, the stray one's place too.
  const shortest = behind[length] + echo + (status === undefined ? 0 : 1) + 1;
  return stray >= shortest && stray <= shortest + bodyLength(frame);
}

export function resolveCheck({ xor_out: xorOut, ...input }: CheckInput): CheckSpec {
  const { kind, init, over } = input;
  const { each, skip } = input;
  const crc = kind === 'crc8' || kind === 'crc16' ? { poly: input.poly, reflect: input.reflect } : {};
  const order = kind === 'crc16' ? { order: input.order } : {};
  return { kind, init, xorOut, over, ...crc, ...order, ...defined({ each, skip }) };
}

function resolveEnvelope(input: NonNullable<QuestionInput['frame']>): EnvelopeSpec {
  const { stray, length, start = [], end = [] } = input;
  return { start: Uint8Array.from(start), end: Uint8Array.from(end), ...defined({ stray, length }) };
}

function statusOf(input: Readonly<Record<string, string>>, report: Report): ReadonlyMap<number, string> {
  reportTwins(input, report);
  return new Map(Object.entries(input).map(([byte, word]) => [Number(byte), word]));
}
