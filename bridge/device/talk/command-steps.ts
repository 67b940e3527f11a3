// A command of several steps: its arguments in their places, what it changes of a byte, and what it answers.
import { decodeConversation, type Known } from '../../../shared/codec/conversation.js';
import { commandWrite, encodeArguments, withWriteChecks } from '../../../shared/codec/write/command-bytes.js';
import { changed } from '../../../shared/codec/write/modified.js';
import { defined } from '../../../shared/config/defined.js';
import type { ArgumentValues } from '../../../shared/codec/write/spec.js';
import type { CommandSpec, CommandStepSpec, StepSpec } from '../../../shared/device-type.js';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import type { QueuedTransferOptions } from '../../../shared/ports.js';
import type { Value } from '../../../shared/sample.js';
import type { Talk } from './ask.js';
import { takeSteps } from './steps.js';

export type Answer = Readonly<Record<string, Value>>;
type Encoded = ReadonlyMap<string, Uint8Array>;

export interface Said {
  readonly answer: Answer;
  /** The arguments as they were written, those too that were computed. */
  readonly encoded: Encoded;
}

export interface CommandTalk {
  /** How its first transaction goes on the wire. */
  readonly first: Partial<QueuedTransferOptions>;
  /** Constants and parameters, for what is computed of its answer. */
  readonly known: Known;
}

/** Rejects with the bus's error, why a reply is not believed, or bad_argument for one that can't be computed. */
export async function runCommandSteps(
  spec: CommandSpec,
  args: ArgumentValues,
  talk: Talk,
  { first, known }: CommandTalk,
): Promise<Said> {
  const so = { isBegun: false, isTried: false };
  const mayRepeat = spec.idempotent ?? false;
  const send: Talk['send'] = async (transaction, more) => {
    // A transaction's record is that of one: also where the first failed, and that is tolerated.
    const own = so.isBegun ? {} : first;
    so.isBegun = true;
    const repeatable = mayRepeat && (more?.repeatable ?? true);
    try {
      const bytes = await talk.send(transaction, { ...more, ...own, repeatable });
      so.isTried = true;
      return bytes;
    } catch (thrown) {
      so.isTried ||= !asGatewayError(thrown).untried;
      throw thrown;
    }
  };
  const said: (Uint8Array | undefined)[] = [];
  const filled: StepSpec[] = [];
  let encoded: Encoded = new Map();
  try {
    for (const step of spec.steps ?? []) {
      encoded = encodeArguments(spec, args, new Map([...known, ...readSoFar(said, filled)]));
      const filledOne = filledStep(step, encoded, talk.address);
      // Not even as a whole, as a question byte by byte is.
      const one = mayRepeat ? filledOne : { ...filledOne, repeatable: false };
      filled.push(one);
      said.push(await runStep(one, step, encoded, { ...talk, send }));
    }
  } catch (thrown) {
    if (!so.isTried) throw thrown;
    const left = (spec.steps ?? []).slice(said.length + 1).filter(({ step }) => step.always === true);
    throw tried(await broughtBack(thrown, left, encoded, { ...talk, send }));
  }
  return { answer: answerOf(said, filled, spec, known), encoded };
}

/** The fields of the steps before, for arguments that are computed of them. */
function readSoFar(
  bodies: readonly (Uint8Array | undefined)[],
  steps: readonly StepSpec[],
): readonly (readonly [string, Value])[] {
  const fields = steps.flatMap((step) => step.fields);
  if (fields.length === 0) return [];
  return Object.entries(decodeConversation(bodies, { steps, computed: [], fields }, new Map()).values);
}

/** The device is not left as it was in between. The error of what failed first, and whether that could not be done either. */
async function broughtBack(
  thrown: unknown,
  left: readonly CommandStepSpec[],
  encoded: Encoded,
  talk: Talk,
): Promise<GatewayError> {
  const first = asGatewayError(thrown);
  try {
    for (const step of left) await runStep(filledStep(step, encoded, talk.address), step, encoded, talk);
    return first;
  } catch (cause) {
    const message = `${first.message} What was to be done all the same has failed too: ${asGatewayError(cause).message}`;
    return new GatewayError(first.code, message, { cause: first, ...defined({ seen: first.seen }) });
  }
}

async function runStep(
  step: StepSpec,
  { modify, writeCheck }: CommandStepSpec,
  encoded: Encoded,
  talk: Talk,
): Promise<Uint8Array | undefined> {
  const { bodies, fault, raw } = await takeSteps([step], talk);
  if (fault !== undefined) throw new GatewayError(fault.code, fault.message, { cause: fault, seen: raw });
  const [body] = bodies;
  if (modify === undefined || body === undefined) return body;
  const back = Uint8Array.from([...step.write, ...changed(body, modify, encoded)]);
  await talk.send({ write: withWriteChecks(back, writeCheck, talk.address) });
  return body;
}

function filledStep({ step, ...template }: CommandStepSpec, encoded: Encoded, address: number): StepSpec {
  const { write, modify, writeCheck } = template;
  // What asks for bytes that are changed has no check: those that are written back have it.
  const asked = modify === undefined ? { write, ...defined({ writeCheck }) } : { write };
  return { ...step, write: commandWrite(asked, encoded, address) };
}

/** What is not known of it is left out. */
function answerOf(
  bodies: readonly (Uint8Array | undefined)[],
  steps: readonly StepSpec[],
  { computed = [], answer = [] }: CommandSpec,
  known: Known,
): Answer {
  const { values, errors } = decodeConversation(bodies, { steps, computed, fields: answer }, known);
  return Object.fromEntries(Object.entries(values).filter(([id]) => errors[id] === undefined));
}

/** Its beginning was on the wire, whatever became of the rest. */
function tried(thrown: unknown): GatewayError {
  const error = asGatewayError(thrown);
  return error.untried
    ? new GatewayError(error.code, error.message, { cause: error, untried: false })
    : error;
}
