// request/<op> → response/<op>: questions to the gateway itself.
import { z } from 'zod';
import { defined } from '../../shared/config/defined.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import { encodeJson, type ResponseMessage, type Sender } from '../../shared/messages.js';
import type { Clock, Component, Log, Message, MessageBus, Unsubscribe } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { AnswerSlots } from '../messages/answer-slots.js';
import { MOST_TIMES_TOO_LARGE, type Outlet } from '../messages/outlet.js';
import { payloadOf } from '../payload/explain.js';
import { parseJson } from '../payload/payload.js';
import { RefusalTally, type Refusals } from '../messages/refusal-tally.js';

/** Answers one request. Gets the payload without its id, and who asks, where that is known; what it throws becomes the error response. */
export type RequestHandler = (data: Readonly<Record<string, unknown>>, asker?: Sender) => Promise<unknown>;

const MOST_AT_ONCE = 32;
/** Their answers are as large as the broker is known to take, and asking again changes nothing. */
const FITTED: ReadonlySet<string> = new Set(['history', 'logbook', 'trace']);
const envelope = z.looseObject({ id: z.union([z.string().min(1).max(128), z.int()]).optional() });

export interface RequestsOptions {
  readonly messages: MessageBus;
  readonly outlet: Outlet;
  readonly slots: AnswerSlots;
  readonly topics: Topics;
  readonly log: Log;
  readonly handlers: ReadonlyMap<string, RequestHandler>;
  readonly newId: () => string;
  readonly clock: Pick<Clock, 'now'>;
}

export interface RequestCounts {
  readonly answered: number;
  readonly refused: number;
  /** By operation: the count and the newest reason. */
  readonly refusedByName?: Refusals;
}

export class Requests implements Component {
  readonly name = 'requests';
  readonly #options: RequestsOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #refusals = new RefusalTally();
  #answered = 0;
  #refused = 0;
  #unsubscribe: Unsubscribe | undefined;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { messages, topics } = this.#options;
    this.#unsubscribe = await messages.subscribeBeforeAck(topics.everyRequest, (message) =>
      this.#take(message),
    );
  }

  async stop(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    await this.#unsubscribe?.();
  }

  counts(): RequestCounts {
    const refusedByName = this.#refusals.told();
    return { answered: this.#answered, refused: this.#refused, ...defined({ refusedByName }) };
  }

  /** Resolves when the request will be answered for certain; rejects with queue_full when it was not even taken. */
  async #take(message: Message): Promise<void> {
    const op = this.#options.topics.parseRequest(message.topic);
    // A retained request would be answered anew at every start, to nobody.
    if (op === undefined || message.retain) return;
    const release = await this.#options.slots.take(message.payload.length);
    const handling = this.#handle(op, message).finally(() => {
      this.#underWay.delete(handling);
      release();
    });
    this.#underWay.add(handling);
  }

  async #handle(op: string, message: Message): Promise<void> {
    const { outlet, topics, newId, log, clock } = this.#options;
    let id: string | undefined;
    let asked: Readonly<Record<string, unknown>> = {};
    let response: ResponseMessage;
    try {
      const { id: given, ...data } = parseRequest(message.payload);
      asked = data;
      id = given === undefined ? newId() : String(given);
      response = { id, status: 'ok', data: await this.#dispatch(op, data, message.sender) };
      this.#answered += 1;
    } catch (thrown) {
      const error = asGatewayError(thrown);
      this.#refused += 1;
      this.#refusals.note(op, error, clock.now());
      // Only what nobody foresaw needs its stack.
      const why = error.code === 'internal' ? { err: error } : {};
      log.warn(
        { op: op.slice(0, 64), code: error.code, ...why },
        `a request was not served: ${error.message}`,
      );
      response = { id: id ?? newId(), status: 'error', error: error.toBody() };
    }
    const { id: answeredId, status } = response;
    const refusal = (error: GatewayError): ResponseMessage => ({
      ...{ id: answeredId, status: 'error', error: error.toBody() },
    });
    const smaller = async (error: GatewayError, times: number): Promise<Uint8Array> => {
      // What the broker takes is known better now, and the answer is made as large as that.
      if (status !== 'ok' || !FITTED.has(op) || times === MOST_TIMES_TOO_LARGE)
        return encodeJson(refusal(error));
      return this.#dispatch(op, asked, message.sender).then(
        (data) => encodeJson({ id: answeredId, status, data } satisfies ResponseMessage),
        (thrown: unknown) => encodeJson(refusal(asGatewayError(thrown))),
      );
    };
    await outlet.answer(topics.response(op), encodeJson(response), smaller, message.answerTo);
  }

  async #dispatch(
    op: string,
    data: Readonly<Record<string, unknown>>,
    asker: Sender | undefined,
  ): Promise<unknown> {
    const handler = this.#options.handlers.get(op);
    if (handler === undefined) {
      const known = [...this.#options.handlers.keys()].join(', ');
      throw new GatewayError(
        'unknown_request',
        `There is no request ${op.slice(0, 64)}; there are: ${known}.`,
      );
    }
    if (this.#underWay.size > MOST_AT_ONCE)
      throw new GatewayError('queue_full', 'Too many requests are under way.');
    return handler(data, asker);
  }
}

function parseRequest(payload: Uint8Array): z.output<typeof envelope> {
  return payloadOf(envelope, parseJson(payload) ?? {}, 'a JSON object with an optional id');
}
