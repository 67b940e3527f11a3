// Every message a client publishes passes here before aedes acknowledges it: `authorizePublish` is the only place where
// aedes waits (docs/architecture.md#aedes). Rights, order, and the handlers that must have taken the message first.
import type { Client, PublishPacket } from 'aedes';
import type { AnswerPlace, Clock, Log, Message } from '../../../shared/ports.js';
import { DROPPED_TOPIC } from './access.js';
import type { Access, PublishDecision } from './access.js';
import type { AckHandlers } from './ack-handlers.js';
import type { BrokerCounters } from '../counters/counters.js';
import { nameOf, type Identities } from '../doors/identities.js';
import type { RepeatedLines } from '../../logging/repeated-lines.js';
import { speaksVersion5 } from '../mqtt/aedes-client.js';
import type { AedesClient } from '../mqtt/aedes-client.js';
import { payloadBytes } from '../mqtt/packet.js';
import type { StoredPacket } from '../mqtt/packet.js';
import { PublishDecisions } from './publish-decisions.js';
import type { BrokerLimits } from '../mqtt/limits.js';
import { PublishGate } from './publish-gate.js';
import { RateLimit, type RateLimits } from './rate-limit.js';
import { refuseInAck, type Refusal } from './refused-ack.js';
import type { Refusals } from './refusals.js';

export interface ClientIntakeParts {
  readonly access: Access;
  readonly identities: Identities;
  readonly handlers: AckHandlers;
  readonly refusals: Refusals;
  readonly counters: BrokerCounters;
  readonly log: Log;
  readonly lines: RepeatedLines;
  readonly clock: Clock;
  readonly limits: RateLimits & Pick<BrokerLimits, 'maxTopicBytes' | 'maxTopicLevels'>;
  /** The broker's time, by which messages expire. */
  readonly lifeMs: () => number;
  /** Whether this QoS 2 message was taken before and is only repeated. */
  readonly isRepeated: (clientId: string, messageId: number | undefined) => boolean;
}

type Done = (error?: Error | null) => void;

export class ClientIntake {
  readonly #parts: ClientIntakeParts;
  readonly #decisions: PublishDecisions;
  readonly #rates: RateLimit;
  readonly #gates = new Map<string, { readonly client: Client; readonly gate: PublishGate }>();
  /**
   * The gates of QoS 1 messages that are not emitted yet, by their payloads, which aedes hands on as they are. Not by the
   * client's id: that may be another connection's by then, and a will bears it as well.
   */
  readonly #notEmitted = new WeakMap<object, PublishGate>();
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
    if (client !== null && !this.#parts.identities.isLetIn(client)) {
      done(new Error('a message of nobody who was let in'));
      return;
    }
    if (client !== null && !client.closed) this.#count(payloadBytes(packet));
    this.#parts.counters.messagesIn++;
    noteExpiry(packet, this.#parts.lifeMs());
    const tooLong = this.#tooLong(packet.topic);
    if (tooLong !== undefined && !isToldByAck(client, packet)) {
      done(new Error(tooLong.words));
      return;
    }
    const turn = client === null ? undefined : this.#turnOf(client, packet);
    const decision = this.#decisions.of(client, packet.topic);
    if (tooLong !== undefined) this.#noteTooLong(client, packet.topic);
    const denial = tooLong ?? (decision === 'allow' ? undefined : this.#deny(client, packet, decision));
    const emitsLater = packet.qos === 1;
    // A will: its client is gone, and with it the order it could keep.
    const gate = client === null || client.closed ? new PublishGate() : this.#gateOf(client);
    if (denial === undefined && emitsLater && typeof packet.payload !== 'string')
      this.#notEmitted.set(packet.payload, gate);
    const handle = (): Promise<void> | undefined =>
      denial === undefined ? this.#handle(client, packet) : undefined;
    const work = turn === undefined ? handle() : turn.then(handle);
    const pass = (): void => {
      if (denial !== undefined && client !== null) refuseInAck(client as AedesClient, packet, denial);
      done();
    };
    if (work === undefined && gate.pass(emitsLater && denial === undefined)) {
      pass();
      return;
    }
    const proceed = (error?: unknown): void => {
      if (error === undefined) pass();
      else this.#refuse(client, packet, error, done);
    };
    gate.enter({ work, emitsLater: emitsLater && denial === undefined, proceed });
  }

  /** Whether this message may go to who listens at once: it is counted then, and has passed. */
  passes(client: Client, topic: string, bytes: number): boolean {
    if (!this.#open || !this.#parts.identities.isLetIn(client)) return false;
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
    if (packet.qos !== 1 || typeof packet.payload === 'string') return;
    const gate = this.#notEmitted.get(packet.payload);
    this.#notEmitted.delete(packet.payload);
    gate?.emitted();
  }

  closed(client: Client): void {
    this.#rates.closed(client);
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

  #tooLong(topic: string): Refusal | undefined {
    const { maxTopicBytes } = this.#parts.limits;
    if (Buffer.byteLength(topic) <= maxTopicBytes) return undefined;
    return { reason: 'topicName', words: `a topic of more than ${String(maxTopicBytes)} bytes` };
  }

  #noteTooLong(client: Client | null, topic: string): void {
    const { counters, identities, lines } = this.#parts;
    counters.dropped++;
    const who = identities.factsOf(client);
    const facts = { ...who, topic: topic.slice(0, 256) };
    lines.say('info', nameOf(who), facts, 'refused a publish to a topic that is too long');
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
    const answerTo = client === null ? undefined : this.#answerPlace(client, packet);
    return this.#parts.handlers.run({
      ...messageOf(packet),
      ...(sender === undefined ? {} : { sender }),
      ...(answerTo === undefined ? {} : { answerTo }),
    });
  }

  #answerPlace(client: Client, { topic: asked, qos, properties }: PublishPacket): AnswerPlace | undefined {
    const { access, identities, lines } = this.#parts;
    const { responseTopic: topic, correlationData } = properties ?? {};
    if (topic === undefined) return undefined;
    if (access.mayNameForAnswer(identities.userOf(client), client.id, topic))
      return { topic, qos, ...(correlationData === undefined ? {} : { correlationData }) };
    const who = identities.factsOf(client);
    const facts = { ...who, topic: asked, responseTopic: topic.slice(0, 256) };
    const words = 'a response topic is passed over that its sender may not publish to and read';
    lines.say('info', who.address, facts, words);
    return undefined;
  }

  /**
   * Who speaks MQTT 5 is told by the acknowledgement. To anybody else a refused publish is the end of the connection: a
   * topic nobody reads lets aedes acknowledge it as if it were taken.
   */
  #deny(
    client: Client | null,
    packet: PublishPacket,
    decision: Exclude<PublishDecision, 'allow'>,
  ): Refusal | undefined {
    const { counters, identities, lines, refusals } = this.#parts;
    counters.dropped++;
    const who = identities.factsOf(client);
    const facts = { ...who, topic: packet.topic };
    if (decision === 'forbid')
      lines.say('info', nameOf(who), facts, 'dropped a publish that the user has no right to');
    else refusals.misaddressed(packet.topic, facts);
    const { topic, payload } = messageOf(packet);
    if (decision === 'forbid') refusals.answer(topic, payload);
    if (isToldByAck(client, packet)) {
      const words = decision === 'forbid' ? 'this user has no right to it' : 'nobody takes this topic';
      return { reason: 'notAuthorized', words };
    }
    packet.topic = DROPPED_TOPIC;
    packet.payload = Buffer.alloc(0);
    packet.retain = false;
    return undefined;
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
    const refusal = new Error('not taken', { cause: error });
    // An acknowledgement that says no is final, in MQTT 5 as well: its sender has it still when the connection ends.
    if (packet.qos > 0 && client !== null && speaksVersion5(client)) client.emit('error', refusal);
    else done(packet.qos === 0 ? null : refusal);
  }
}

function isToldByAck(client: Client | null, { qos }: PublishPacket): boolean {
  return client !== null && !client.closed && speaksVersion5(client) && qos > 0;
}

/** MQTT 5's expiry, before aedes counts it by the wall clock. */
function noteExpiry(packet: PublishPacket, lifeMs: number): void {
  const seconds = packet.properties?.messageExpiryInterval;
  if (seconds !== undefined) Object.assign(packet, { messageExpiry: lifeMs + seconds * 1000 });
}

function messageOf({ topic, payload, qos, retain, messageId, dup, properties }: PublishPacket): Message {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  // A will has none: nobody waits for its acknowledgement.
  const delivery = qos === 0 || messageId === undefined ? {} : { delivery: { id: messageId, again: dup } };
  const seconds = properties?.messageExpiryInterval;
  const expiry = seconds === undefined ? {} : { expiresInMs: seconds * 1000 };
  return { topic, payload: bytes, qos, retain, ...delivery, ...expiry };
}
