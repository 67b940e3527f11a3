// The steps of a conversation, one behind the other: what each has read, up to the first reply that is not believed.
import { isTaken } from '../../../shared/codec/conversation.js';
import { unframe } from '../../../shared/codec/frame.js';
import type { ConversationSpec, StepSpec } from '../../../shared/device-type.js';
import { GatewayError } from '../../../shared/errors.js';
import { askStep, writeTolerant, type Talk } from './ask.js';

export interface Taken {
  /** Of each step the body of its reply; undefined for one that reads nothing. */
  readonly bodies: readonly (Uint8Array | undefined)[];
  /** The last reply, as it came. */
  readonly raw: Uint8Array;
  /** Why it ended early: the last reply is not believed. */
  readonly fault?: GatewayError;
}

/** Rejects with the bus's error. */
export async function takeSteps(steps: ConversationSpec['steps'], talk: Talk): Promise<Taken> {
  const bodies: (Uint8Array | undefined)[] = [];
  let raw: Uint8Array = new Uint8Array();
  for (const [index, step] of steps.entries()) {
    if (!isTaken(step, steps.slice(0, index), bodies)) {
      bodies.push(undefined);
      continue;
    }
    if (step.readLength === 0) {
      await writeStep(step, talk);
      bodies.push(undefined);
      continue;
    }
    raw = await askStep(step, talk);
    const body = believed(raw, step, talk.address);
    if (body instanceof GatewayError) return { bodies, raw, fault: body };
    bodies.push(body);
  }
  return { bodies, raw };
}

/** A write, a pause, or both. */
export async function writeStep(
  { write, nack, generalCall = false, delayMs = 0 }: StepSpec,
  talk: Talk,
): Promise<void> {
  const said = generalCall ? { write, generalCall } : { write };
  if (write.length > 0) await (nack === true ? writeTolerant(said, talk) : talk.send(said));
  if (delayMs > 0) await talk.wait(delayMs);
}

function believed(reply: Uint8Array, step: StepSpec, address: number): Uint8Array | GatewayError {
  try {
    return unframe(reply, step, address);
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
}
