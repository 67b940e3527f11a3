// What stands around the fields of a reply → codec terms, and every mistake that its schema can't see.
import { fitsCheck, type CheckSpec } from '../codec/checksum.js';
import { bodyLength, STATUS_OK } from '../codec/frame.js';
import type { EnvelopeSpec, QuestionSpec } from '../device-type.js';
import { defined } from './defined.js';
import type { CheckInput } from './frame-schema.js';
import type { Report } from './report.js';
import type { QuestionInput } from './question-schema.js';

type Frame = Pick<QuestionSpec, 'write' | 'readLength' | 'envelope' | 'check' | 'echo' | 'status'>;

/** The frame of a reply. What can't be right is reported with its path below the sample, identify or verify. */
export function resolveFrame(input: QuestionInput, report: Report): Frame {
  const check = input.check === undefined ? undefined : resolveCheck(input.check);
  const status = input.status === undefined ? undefined : statusOf(input.status);
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

function reportFrameMistakes({ write, envelope, check, echo = 0, status }: Frame, report: Report): void {
  if (check?.each !== undefined && envelope !== undefined)
    report(['check', 'each'], 'goes without a frame only; remove one of them');
  if (check?.each !== undefined && check.skip !== undefined)
    report(['check', 'skip'], 'goes with one check at the end only; remove each or skip');
  if (echo > write.length)
    report(
      ['echo'],
      `is ${String(echo)}, but write has ${String(write.length)} byte(s); only these can come back`,
    );
  if (check?.each !== undefined && check.over !== undefined && check.over !== 'reply')
    report(['check', 'over'], 'goes with one check at the end only; remove each or over');
  if (status !== undefined && ![...status.values()].includes(STATUS_OK))
    report(['status'], 'names no value that is ok; add one, such as 1: ok');
}

function resolveCheck({ xor_out: xorOut, ...input }: CheckInput): CheckSpec {
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

function statusOf(input: Readonly<Record<string, string>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(input).map(([byte, word]) => [Number(byte), word]));
}
