// What is read of one device: who it is, its constants, its samples.
import { decodeConversation, type Known } from '../../shared/codec/conversation.js';
import { decodeFields, type DecodedFields } from '../../shared/codec/fields.js';
import { unframe } from '../../shared/codec/frame.js';
import { hex } from '../../shared/codec/hex.js';
import { wrongIdentity } from '../../shared/codec/identity.js';
import type {
  ConversationSpec,
  IdentifySpec,
  QuestionSpec,
  SampleSpec,
  StepSpec,
} from '../../shared/device-type.js';
import { asGatewayError, GatewayError, type ErrorCode } from '../../shared/errors.js';
import type { Clock } from '../../shared/ports.js';
import type { Value } from '../../shared/sample.js';
import { ReadingMemory } from './reading-memory.js';
import { SinceSetUp } from './talk/since-set-up.js';
import { takeSteps, type Taken } from './talk/steps.js';
import type { Talk } from './talk/ask.js';
import type { DeviceWire } from './wire.js';

/** What one read brought. `fault` is there when the whole reply is not believed: then every value is null. */
export interface Reading {
  /** Epoch ms when the bytes were read. */
  readonly ts: number;
  readonly values: Readonly<Record<string, Value>>;
  readonly errors: Readonly<Record<string, ErrorCode>>;
  /** The whole reply, as it came. */
  readonly raw: Uint8Array;
  readonly fault?: GatewayError;
}

/** Frees a caller whose transaction hangs; the wire has its own, shorter patience. */
const POLL_DEADLINE_MS = 10_000;
const POLL = { priority: 'poll', deadlineMs: POLL_DEADLINE_MS } as const;

/** Asked when the turn on the bus comes: why it is not run any more. */
type Refuse = () => Error | undefined;

export class DeviceReader {
  readonly #wire: DeviceWire;
  readonly #clock: Clock;
  readonly #memory = new ReadingMemory();
  readonly #sinceSetUp = new SinceSetUp();
  /** What its fields are computed with: parameters of its own, and constants that it was asked for. */
  #known: Known;

  constructor(wire: DeviceWire) {
    this.#wire = wire;
    this.#clock = wire.clock;
    this.#known = wire.device.type.parameters;
  }

  get known(): Known {
    return this.#known;
  }

  /**
   * For who comes (back): forgets earlier readings. Rejects with wrong_identity where another device answers, with the bus's
   * error, or with what `refuse` says when its turn on the bus comes.
   */
  async identify(refuse: Refuse): Promise<void> {
    this.#memory.forget();
    const { identify } = this.#wire.device.type;
    if (identify === undefined) return;
    const body =
      identify.before === undefined
        ? identityIn(await this.#wire.ask(identify, { ...POLL, refuse }), identify, this.#wire.device.address)
        : await this.#identityBySteps(identify, refuse);
    const wrong = wrongIdentity(body.body, identify);
    if (wrong === undefined) return;
    const message = `Identified itself as ${hex(body.body)}, ${wrong}.`;
    throw new GatewayError('wrong_identity', message, { seen: body.seen });
  }

  /** For who is set up now: reads its constants anew. Rejects with the bus's error, or why one of them is not believed. */
  async learn(refuse: Refuse): Promise<void> {
    this.#sinceSetUp.begin();
    const { constants, parameters } = this.#wire.device.type;
    if (constants.length === 0) return;
    const known = new Map<string, number | boolean>(parameters);
    for (const conversation of constants) {
      const { bodies, raw, fault } = await this.#take(conversation.steps, refuse);
      if (fault !== undefined) throw fault;
      const { values, errors } = decodeConversation(bodies, conversation, known);
      for (const [id, code] of Object.entries(errors))
        throw new GatewayError(code, `The constant ${id} could not be read from ${hex(raw)}.`, { seen: raw });
      for (const [id, value] of Object.entries(values))
        if (typeof value === 'number' || typeof value === 'boolean') known.set(id, value);
    }
    this.#known = known;
  }

  /** Reads one sample. Rejects with the bus's error, or what `refuse` says, when nothing could be read at all. */
  async read(sample: SampleSpec, refuse: Refuse): Promise<Reading> {
    const { conversation } = sample;
    try {
      if (conversation !== undefined) return await this.#readBySteps(sample, conversation, refuse);
      const reply = await this.#wire.ask(sample, { ...POLL, refuse });
      return this.#believed(sample, reply, () =>
        decodeFields(unframe(reply, sample, this.#wire.device.address), sample),
      );
    } catch (thrown) {
      if (!isLostForGood(sample, thrown)) throw thrown;
      return { ...disbelieved(this.#clock.now(), sample, thrown), raw: new Uint8Array() };
    }
  }

  /** What is written when it is believed belongs to the conversation: nobody reads in between. */
  #readBySteps(sample: SampleSpec, conversation: ConversationSpec, refuse: Refuse): Promise<Reading> {
    return this.#wire.talk({ ...POLL, refuse, repeatable: true }, async (talk) => {
      const noting = new NotingTalk(talk);
      let taken: Taken;
      try {
        taken = await takeSteps(conversation.steps, noting.talk);
      } catch (thrown) {
        if (!noting.mayHaveCleared) throw thrown;
        return { ...disbelieved(this.#clock.now(), sample, cleared(thrown)), raw: new Uint8Array() };
      }
      const { bodies, raw, fault } = taken;
      const reading = this.#believed(sample, raw, () => {
        if (fault !== undefined) throw fault;
        const nowMs = this.#clock.monotonicMs();
        this.#sinceSetUp.refuseLeftOut(conversation.steps, bodies, nowMs);
        return decodeConversation(bodies, conversation, this.#sinceSetUp.known(this.#known, nowMs));
      });
      const { acknowledge: write } = conversation;
      if (write !== undefined && reading.fault === undefined)
        await talk.send({ write }, { repeatable: false });
      return reading;
    });
  }

  #believed(sample: SampleSpec, raw: Uint8Array, decode: () => DecodedFields): Reading {
    const ts = this.#clock.now();
    try {
      return { ts, raw, ...this.#memory.review(decode(), sample, this.#clock.monotonicMs()) };
    } catch (thrown) {
      if (thrown instanceof GatewayError) return { ...disbelieved(ts, sample, thrown), raw };
      throw thrown;
    }
  }

  #take(steps: readonly StepSpec[], refuse: Refuse): Promise<Taken> {
    return this.#wire.talk({ ...POLL, refuse, repeatable: true }, (talk) => takeSteps(steps, talk));
  }

  async #identityBySteps(
    identify: IdentifySpec,
    refuse: Refuse,
  ): Promise<{ readonly body: Uint8Array; readonly seen: Uint8Array }> {
    const last: StepSpec = { ...identify, fields: [] };
    const { bodies, raw, fault } = await this.#take([...(identify.before ?? []), last], refuse);
    const body = bodies.at(-1);
    if (fault === undefined && body !== undefined) return { body, seen: raw };
    throw unidentified(fault, raw);
  }
}

/** Notes whether a step was on the wire that must not be repeated. */
class NotingTalk {
  readonly talk: Talk;
  mayHaveCleared = false;

  constructor(talk: Talk) {
    const send: Talk['send'] = async (transaction, options) => {
      const note = (isTried: boolean): void => {
        this.mayHaveCleared ||= isTried && options?.repeatable === false;
      };
      try {
        const bytes = await talk.send(transaction, options);
        note(true);
        return bytes;
      } catch (thrown) {
        note(!asGatewayError(thrown).untried && asGatewayError(thrown).code !== 'no_ack');
        throw thrown;
      }
    };
    this.talk = { ...talk, send };
  }
}

/** What reading clears was read, and what came then lost it. */
function cleared(thrown: unknown): GatewayError {
  const { message } = asGatewayError(thrown);
  return new GatewayError('bus_fault', `What was read is lost: ${message}`, { cause: thrown });
}

/** A reply in which no identity is to be found is not that of the described device. */
function identityIn(
  reply: Uint8Array,
  identify: IdentifySpec,
  address: number,
): { readonly body: Uint8Array; readonly seen: Uint8Array } {
  try {
    return { body: unframe(reply, identify, address), seen: reply };
  } catch (cause) {
    throw unidentified(cause, reply);
  }
}

function unidentified(cause: unknown, seen: Uint8Array): GatewayError {
  const { message } = asGatewayError(cause);
  return new GatewayError('wrong_identity', `Could not be identified: ${message}`, { cause, seen });
}

/** What reading clears is gone when the wire breaks off: that is a reading that was lost, and no poll that may be repeated. */
function isLostForGood(sample: SampleSpec, thrown: unknown): thrown is GatewayError {
  const steps: readonly QuestionSpec[] = sample.conversation?.steps ?? [sample];
  if (!steps.some(({ repeatable }) => repeatable === false)) return false;
  if (!(thrown instanceof GatewayError) || thrown.untried) return false;
  return thrown.code === 'bus_fault' || thrown.code === 'timeout';
}

/** No value of the reply is believed. */
function disbelieved(ts: number, sample: SampleSpec, fault: GatewayError): Omit<Reading, 'raw'> {
  const ids = sample.fields.map((field) => field.id);
  return {
    ts,
    values: Object.fromEntries(ids.map((id) => [id, null])),
    errors: Object.fromEntries(ids.map((id) => [id, fault.code])),
    fault,
  };
}
