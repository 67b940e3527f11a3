// A question to a device: how it is asked and read. Mistakes that its schema can't see are reported.
import { bodyLength } from '../../../codec/frame.js';
import type { QuestionSpec, ReadySpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import type { QuestionInput } from '../../schema/question.js';
import { below, type Report } from '../../report.js';
import { resolveFrame } from './frame.js';
import { resolveReplyTests } from './reply-tests.js';
import { durationMs } from '../../schema/scalars.js';

/** `busy` in a status is "not yet" as well. */
const STATUS_BUSY = 'busy';

export function resolveQuestion(input: QuestionInput, report: Report): QuestionSpec {
  const frame = resolveFrame(input, report);
  const delayMs = input.delay === undefined ? undefined : durationMs(input.delay);
  const room = bodyLength(frame);
  const ready = input.until_ready === undefined ? undefined : resolveReady(input.until_ready, room, report);
  reportHowMistakes(input, report);
  return {
    ...frame,
    repeatedStart: input.repeated_start,
    ...defined({
      ...{ delayMs, ready, bytewise: input.bytewise || undefined, allFf: input.all_ff || undefined },
      repeatable: input.repeatable ? undefined : false,
      valid: resolveReplyTests(input.valid, room, below(report, 'valid')),
      configured: resolveReplyTests(input.configured, room, below(report, 'configured')),
    }),
  };
}

function resolveReady(
  input: NonNullable<QuestionInput['until_ready']>,
  room: number,
  report: Report,
): ReadySpec {
  const { again, within, busy, no_ack: noAck } = input;
  const when = resolveReplyTests(input.when, room, below(report, 'until_ready', 'when'));
  return { againMs: durationMs(again), withinMs: durationMs(within), busy, noAck, ...defined({ when }) };
}

function reportHowMistakes(input: QuestionInput, report: Report): void {
  const { until_ready: ready, status = {} } = input;
  reportRepeatedStart(input, report);
  if (input.repeated_start && input.delay !== undefined)
    report(['delay'], 'needs a STOP between write and read; remove it or repeated_start');
  if (input.repeated_start && input.bytewise)
    report(['bytewise'], 'needs a STOP between write and read; remove it or repeated_start');
  if (ready === undefined) return;
  const tells =
    ready.when !== undefined ||
    ready.busy.length > 0 ||
    ready.no_ack ||
    Object.values(status).includes(STATUS_BUSY);
  if (!tells)
    report(
      ['until_ready'],
      'needs a sign that the device is busy: a status busy, busy bytes, when, or no_ack: true',
    );
  if (durationMs(ready.again) < 1) report(['until_ready', 'again'], 'must be at least 1ms');
  if (durationMs(ready.within) > 60_000) report(['until_ready', 'within'], 'must be at most 60s');
}

/** What the way to a Linux bus can do (gateway/i2c/linux/limits.ts): one register byte, and a block of 32. */
const MOST_BLOCK_BYTES = 32;

function reportRepeatedStart(
  { repeated_start: isRepeated, write = [], read }: QuestionInput,
  report: Report,
): void {
  if (!isRepeated) return;
  const why = 'on Linux a repeated START is possible only behind one register byte, and for 32 bytes at most';
  const either =
    'leave repeated_start out if the device takes a STOP before it is read; one that forgets its register then can’t be read here';
  if (write.length > 1)
    report(['repeated_start'], `${why}, and write has ${String(write.length)}: ${either}`);
  else if (read > MOST_BLOCK_BYTES)
    report(['repeated_start'], `${why}, and read is ${String(read)}: ${either}`);
}
