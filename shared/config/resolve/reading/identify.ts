// How it is told that a device is of a type → what it is asked, and what the right one answers.
import { bodyLength } from '../../../codec/frame.js';
import { makePass } from '../../../codec/reply-test.js';
import type { IdentifySpec, StepSpec } from '../../../device-type.js';
import { defined } from '../../defined.js';
import { below, type Report } from '../../report.js';
import type { ReplyTestInput } from '../../schema/reply-test.js';
import type { TypeInput } from '../../schema/type.js';
import { plainBytes } from './conversation.js';
import { refuseOnlyIf } from './field-tests.js';
import { resolveQuestion } from './question.js';
import { resolveReplyTests } from './reply-tests.js';
import { resolveStep } from './step.js';

type IdentifyInput = NonNullable<TypeInput['identify']>;
type Question = Omit<IdentifySpec, 'expect' | 'others' | 'passes'>;

export function resolveIdentify(input: IdentifyInput, report: Report): IdentifySpec {
  const question = input.steps === undefined ? only(input, report) : lastOf(input.steps, report);
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

function only(input: IdentifyInput, report: Report): Question {
  const { read, write } = input;
  if (read === undefined) report(['read'], 'is missing');
  if (write === undefined) report(['write'], 'is missing');
  return resolveQuestion({ ...input, read: read ?? 1 }, report);
}

/** The last step reads who it is; those before it make it tell. */
function lastOf(inputs: NonNullable<IdentifyInput['steps']>, report: Report): Question {
  const steps = inputs.map((step, index): StepSpec => {
    const place = below(report, 'steps', index);
    if (Object.keys(step.fields).length > 0) place(['fields'], 'have no meaning here; say what to expect');
    refuseOnlyIf(step, place);
    return resolveStep(step, plainBytes(step, place), place);
  });
  const last = steps.at(-1);
  if (last === undefined || last.readLength === 0) {
    report(['steps'], 'the last one has to read who it is');
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
