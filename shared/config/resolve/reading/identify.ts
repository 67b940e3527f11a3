// How it is told that a device is of a type → what it is asked, and what the right one answers.
import { bodyLength } from '../../../codec/frame.js';
import { makePass } from '../../../codec/reply-test.js';
import type { IdentifySpec, QuestionSpec, StepSpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import { below, type Report } from '../../report.js';
import type { ReplyTestInput } from '../../schema/reply-test.js';
import type { PerhapsQuestionInput } from '../../schema/question.js';
import type { StepInput } from '../../schema/step.js';
import type { TypeInput } from '../../schema/type.js';
import { plainBytes } from './conversation.js';
import { refuseOnlyIf } from './field-tests.js';
import { resolveQuestion } from './question.js';
import { resolveReplyTests } from './reply-tests.js';
import { resolveStep } from './step.js';

type IdentifyInput = NonNullable<TypeInput['identify']>;
/** A question, or several steps of which the last one reads what is looked at. */
interface LastRead extends QuestionSpec {
  readonly before?: readonly StepSpec[];
}

export function resolveIdentify(input: IdentifyInput, report: Report): IdentifySpec {
  const question = resolveLastRead(input, report);
  const room = Math.max(1, bodyLength(question));
  const { expect } = input;
  const tests = testsOf(expect);
  if (tests !== undefined) {
    const passes = resolveReplyTests(tests, room, below(report, 'expect'));
    const example = new Uint8Array(room);
    makePass(example, passes ?? []);
    return { ...question, expect: example, ...defined({ passes }) };
  }
  const [first = new Uint8Array(room), ...others] = bodiesOf(expect);
  for (const [index, body] of [first, ...others].entries()) {
    if (body.length !== room)
      report(
        others.length === 0 ? ['expect'] : ['expect', index],
        `has ${String(body.length)} bytes, but read leaves ${String(room)} for it; make them equal`,
      );
  }
  return { ...question, expect: first, ...(others.length === 0 ? {} : { others }) };
}

/** Of `identify` and `verify`. */
export function resolveLastRead(
  input: PerhapsQuestionInput & { readonly steps?: readonly StepInput[] | undefined },
  report: Report,
): LastRead {
  if (input.steps === undefined) return only(input, report);
  for (const key of [
    'write',
    'read',
    'delay',
    'check',
    'frame',
    'echo',
    'status',
    'until_ready',
    'valid',
  ] as const)
    if (input[key] !== undefined) report([key], 'goes into one of the steps');
  return lastOf(input.steps, report);
}

function only(input: PerhapsQuestionInput, report: Report): LastRead {
  const { read, write } = input;
  if (read === undefined) report(['read'], 'is missing');
  if (write === undefined) report(['write'], 'is missing');
  return resolveQuestion({ ...input, read: read ?? 1 }, report);
}

/** The last step reads it; those before it make the device tell. */
function lastOf(inputs: readonly StepInput[], report: Report): LastRead {
  const steps = inputs.map((step, index): StepSpec => {
    const place = below(report, 'steps', index);
    if (Object.keys(step.fields).length > 0)
      place(['fields'], 'have no meaning here: what the last step reads is compared as a whole');
    refuseOnlyIf(step, place);
    return resolveStep(step, plainBytes(step, place), place);
  });
  const last = steps.at(-1);
  if (last === undefined || last.readLength === 0) {
    report(['steps'], 'the last one has to read');
    return { write: new Uint8Array(), readLength: 1, repeatedStart: false };
  }
  return { ...last, before: steps.slice(0, -1) };
}

function testsOf(expect: IdentifyInput['expect']): ReplyTestInput | readonly ReplyTestInput[] | undefined {
  if (!Array.isArray(expect)) return expect;
  const tests = expect.filter((one): one is ReplyTestInput => typeof one === 'object' && !Array.isArray(one));
  return tests.length === 0 ? undefined : tests;
}

function bodiesOf(expect: IdentifyInput['expect']): readonly Uint8Array[] {
  if (!Array.isArray(expect)) return [];
  const bodies = expect.filter((one): one is number[] => Array.isArray(one));
  if (bodies.length > 0) return bodies.map((body) => Uint8Array.from(body));
  return [Uint8Array.from(expect.filter((one): one is number => typeof one === 'number'))];
}
