// Every message a client publishes passes here before aedes acknowledges it: `authorizePublish` is the only place where
// aedes waits (DESIGN §7). Rights, order, and the handlers that must have taken the message first.
import type { Client, PublishPacket } from 'aedes';
import type { Clock, Log, Message } from '../../shared/ports.js';
import { DROPPED_TOPIC } from './access.js';
import type { Access, PublishDecision } from './access.js';
import type { AckHandlers } from './ack-handlers.js';
import type { BrokerCounters } from './broker-counters.js';
import type { Identities } from './identities.js';
import { payloadBytes } from './packet.js';
import type { StoredPacket } from './packet.js';
import { PublishDecisions } from './publish-decisions.js';
import type { BrokerLimits } from './limits.js';
import { PublishGate } from './publish-gate.js';
import { RateLimit, type RateLimits } from './rate-limit.js';
import type { Refusals } from './refusals.js';

export interface ClientIntakeParts {
  readonly access: Access;
  readonly identities: Identities;
  readonly handlers: AckHandlers;
  readonly refusals: Refusals;
  readonly counters: BrokerCounters;
  readonly log: Log;
  readonly clock: Clock;
  readonly limits: RateLimits & Pick<BrokerLimits, 'maxTopicBytes' | 'maxTopicLevels'>;
  /** Whether this QoS 2 message was taken before and is only repeated. */
  readonly isRepeated: (clientId: string, messageId: number | undefined) => boolean;
}

type Done = (error?: Error | null) => void;

export class ClientIntake {
  readonly #parts: ClientIntakeParts;
  readonly #decisions: PublishDecisions;
  readonly #rates: RateLimit;
  readonly #gates = new Map<string, { readonly client: Client; readonly gate: PublishGate }>();
  #open = true;

  constructor(parts: ClientIntakeParts) {
    this.#parts = parts;
    this.#decisions = new PublishDecisions(parts.access, parts.identities);
    this.#rates = new RateLimit(parts.limits, parts.clock);
  }

  /** aedes' `authorizePublish`. `client` is null for the will of a client of another broker. */
  accept(client: Client | null, packet: PublishPacket, done: Done): void {
    // Neither taken nor acknowledged, and nothing behind it is read: its sender has it still, for the next start.
    if (!this.#open) return;
    if (client !== null && !client.closed) this.#count(payloadBytes(packet));
    this.#parts.counters.messagesIn++;
    if (Buffer.byteLength(packet.topic) > this.#parts.limits.maxTopicBytes) {
      done(new Error(`a topic of more than ${String(this.#parts.limits.maxTopicBytes)} bytes`));
      return;
    }
    const turn = client === null ? undefined : this.#turnOf(client, packet);
    const decision = this.#decisions.of(client, packet.topic);
    if (decision !== 'allow') this.#drop(client, packet, decision);
    const emitsLater = packet.qos === 1;
    // A will: its client is gone, and with it the order it could keep.
    const gate = client === null || client.closed ? new PublishGate() : this.#gateOf(client);
    const work = both(turn, this.#handle(client, packet));
    if (work === undefined && gate.pass(emitsLater)) {
      done(null);
      return;
    }
    const proceed = (error?: unknown): void => {
      if (error === undefined) done(null);
      else this.#refuse(client, packet, error, done);
    };
    gate.enter({ work, emitsLater, proceed });
  }

  /** Whether this message may go to who listens at once: it is counted then, and has passed. */
  passes(client: Client, topic: string, bytes: number): boolean {
    if (!this.#open) return false;
    if (this.#rates.isOn || this.#mayBeTooLong(topic)) return false;
    if (this.#decisions.of(client, topic) !== 'allow' || this.#parts.handlers.concern(topic)) return false;
    if (!this.#gateOf(client).pass(false)) return false;
    this.#parts.counters.messagesIn++;
    this.#count(bytes);
    return true;
  }

  /** From here on nothing is taken from clients; what came before is handled, acknowledged and answered. */
  close(): void {
    this.#open = false;
  }

  /** The emitter handed this message out. */
  emitted(packet: StoredPacket): void {
    if (packet.qos === 1 && packet.clientId !== undefined) this.#gates.get(packet.clientId)?.gate.emitted();
  }

  closed(client: Client): void {
    if (this.#gates.get(client.id)?.client === client) this.#gates.delete(client.id);
  }

  /** A PUBLISH of a client; a will is none. */
  #count(bytes: number): void {
    const { counters } = this.#parts;
    counters.publishesIn++;
    counters.publishBytesIn += bytes;
  }

  /** Its place in the client's rate, where it has to wait for one. */
  #turnOf(client: Client, packet: PublishPacket): Promise<void> | undefined {
    return this.#rates.isOn
      ? this.#rates.take(client, packet.topic.length + packet.payload.length)
      : undefined;
  }

  /** Roughly: what may be is looked at closely on the long way. */
  #mayBeTooLong(topic: string): boolean {
    const { maxTopicBytes, maxTopicLevels } = this.#parts.limits;
    if (topic.length * 3 > maxTopicBytes) return true;
    // So many slashes have one level more.
    return topic.length >= maxTopicLevels && topic.split('/').length > maxTopicLevels;
  }

  #gateOf(client: Client): PublishGate {
    const known = this.#gates.get(client.id);
    if (known?.client === client) return known.gate;
    const gate = new PublishGate();
    this.#gates.set(client.id, { client, gate });
    return gate;
  }

  #handle(client: Client | null, packet: PublishPacket): Promise<void> | undefined {
    if (!this.#parts.handlers.concern(packet.topic)) return undefined;
    if (packet.qos === 2 && client !== null && this.#parts.isRepeated(client.id, packet.messageId))
      return undefined;
    const sender = this.#parts.identities.senderOf(client);
    return this.#parts.handlers.run({ ...messageOf(packet), ...(sender === undefined ? {} : { sender }) });
  }

  /** A refused publish would end the connection; a topic nobody reads lets aedes acknowledge as if it were taken. */
  #drop(client: Client | null, packet: PublishPacket, decision: Exclude<PublishDecision, 'allow'>): void {
    const { counters, identities, log, refusals } = this.#parts;
    counters.dropped++;
    const facts = { ...identities.factsOf(client), topic: packet.topic };
    if (decision === 'forbid') log.info(facts, 'dropped a publish that the user has no right to');
    else log.debug(facts, 'dropped a publish to a topic that only the gateway publishes to');
    const { topic, payload } = messageOf(packet);
    packet.topic = DROPPED_TOPIC;
    packet.payload = Buffer.alloc(0);
    packet.retain = false;
    if (decision === 'forbid') refusals.answer(topic, payload);
  }

  /** With QoS 0 there is no acknowledgement to hold back; ending the connection would only lose more. */
  #refuse(client: Client | null, packet: PublishPacket, error: unknown, done: Done): void {
    this.#parts.counters.unacknowledged++;
    const facts = {
      ...this.#parts.identities.factsOf(client),
      topic: packet.topic,
      qos: packet.qos,
      err: error,
    };
    this.#parts.log.warn(facts, 'a message was not taken and is not acknowledged');
    done(packet.qos === 0 ? null : new Error('not taken', { cause: error }));
  }
}

/** Both must have ended well for the message to pass. */
function both(turn: Promise<void> | undefined, work: Promise<void> | undefined): Promise<void> | undefined {
  if (turn === undefined || work === undefined) return turn ?? work;
  return Promise.all([turn, work]).then(() => undefined);
}

function messageOf({ topic, payload, qos, retain }: PublishPacket): Message {
  return { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, qos, retain };
}
