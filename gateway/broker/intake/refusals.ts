// Answers commands and requests of users who have no right to them: whoever asked must not wait for ever, and MQTT 3.1.1
// has no way to say it in the acknowledgement.
import { randomUUID } from 'node:crypto';
import { idOfBadPayload } from '../../../bridge/commands/payload.js';
import { GatewayError } from '../../../shared/errors.js';
import { encodeJson, type ReplyMessage, type ResponseMessage } from '../../../shared/messages.js';
import type { Clock, Log, LogFields, Message } from '../../../shared/ports.js';
import type { RepeatedLines } from '../../logging/repeated-lines.js';
import type { Topics } from '../../../shared/topics.js';
import { Misaddressed } from './misaddressed.js';

export interface RefusalsOptions {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: RepeatedLines;
  readonly publish: (message: Message) => Promise<void>;
}

export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #misaddressed: Misaddressed;

  constructor(options: RefusalsOptions) {
    this.#options = options;
    this.#misaddressed = new Misaddressed(options.topics, options.lines);
  }

  /** For a message on a topic of the gateway's own, or on none that is for it; `facts` tell who. */
  misaddressed(topic: string, facts: LogFields): void {
    if (topic.startsWith(`${this.#options.topics.root}/`)) this.#misaddressed.note(topic, facts);
  }

  /** For what is neither a command nor a request there is no place for an answer. */
  answer(topic: string, payload: Uint8Array): void {
    const { topics } = this.#options;
    const command = topics.parseCommand(topic);
    const op = topics.parseRequest(topic);
    if (command !== undefined) this.#say(topics.reply(command.device, command.name), this.#reply(payload));
    else if (op !== undefined) this.#say(topics.response(op), response(payload));
  }

  #reply(payload: Uint8Array): ReplyMessage {
    return {
      id: idOf(payload),
      status: 'rejected',
      error: forbidden('This user may not send this command.').toBody(),
      ts: this.#options.clock.now(),
      ms: 0,
    };
  }

  #say(topic: string, message: ReplyMessage | ResponseMessage): void {
    const { publish, log } = this.#options;
    // For who is there now: as QoS 1 it would push out what waits for absent clients, and anybody may ask for it.
    publish({ topic, payload: encodeJson(message), qos: 0, retain: false }).catch((err: unknown) => {
      log.debug({ err, topic }, 'a refusal was not said');
    });
  }
}

function response(payload: Uint8Array): ResponseMessage {
  return { id: idOf(payload), status: 'error', error: forbidden('This user may not ask this.').toBody() };
}

function forbidden(message: string): GatewayError {
  return new GatewayError('forbidden', message);
}

function idOf(payload: Uint8Array): string {
  return idOfBadPayload(payload) ?? randomUUID();
}
