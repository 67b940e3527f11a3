// Sends messages to one connected client: straight into its writer, without the copies and turns of aedes' own path
// (DESIGN §7), and with what aedes leaves out: the highest QoS of overlapping subscriptions [MQTT-3.3.5-1], a QoS lowered
// for wildcard filters [MQTT-3.8.4-6], and nothing ahead of the CONNACK or of what a session has waiting.
import type { QoS } from '../../shared/ports.js';
import type { AedesClient } from './aedes-client.js';
import type { BrokerCounters } from './broker-counters.js';
import type { ClientWriter } from './client-writer.js';
import { payloadBytes } from './packet.js';
import type { StoredPacket } from './packet.js';
import { encodePublish } from './publish-encoder.js';
import type { OutgoingMessage } from './publish-encoder.js';
import { filterMatches } from './topic-filter.js';

/** What a session has not acknowledged yet. */
export interface SessionQueue {
  /** Notes the packet identifier a message is sent with. */
  sent(clientId: string, packet: StoredPacket, messageId: number): void;
  usesId(clientId: string, messageId: number): boolean;
  /** `next`: what was never sent and may be now. `isTurnOf`: nothing waits ahead of this message. */
  outgoing(
    clientId: string,
  ): { next(): StoredPacket | undefined; isTurnOf(packet: StoredPacket): boolean } | undefined;
  /** Takes out what the client may not have. */
  discardOutgoing(client: { readonly id: string }, packet: StoredPacket): void;
}

export interface DeliveryParts {
  readonly client: AedesClient;
  readonly writer: ClientWriter;
  readonly queue: SessionQueue;
  readonly mayReceive: (client: AedesClient, topic: string) => boolean;
  readonly counters: Pick<BrokerCounters, 'messagesOut' | 'publishBytesOut'>;
}

export class ClientDelivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  get client(): AedesClient {
    return this.#parts.client;
  }

  /** Whether it may have messages of this topic now. */
  mayReceive(topic: string): boolean {
    return this.#parts.mayReceive(this.#parts.client, topic);
  }

  /** A live message; `qos` is the highest that the client's matching filters were granted. */
  send(packet: StoredPacket, message: OutgoingMessage, granted: QoS): void {
    const { client, writer, queue } = this.#parts;
    const qos = packet.qos < granted ? packet.qos : granted;
    // A session that is being restored has everything but QoS 0 in its queue, which goes first.
    if (client.closed || !(qos === 0 || client.clean ? client.connackSent : client.connected)) return;
    if (qos > 0 && !client.clean && queue.outgoing(client.id)?.isTurnOf(packet) === false) {
      this.sendWaiting();
      return;
    }
    const { bytes, idAt } = message.encoded(qos);
    this.#count(packet);
    if (qos === 0) writer.write(bytes);
    else writer.write(bytes, idAt, this.#identify(packet));
  }

  /** After the session is restored, and whenever the client has acknowledged something: what waits follows. */
  sendWaiting(): void {
    const { client, queue } = this.#parts;
    if (client.clean || client.closed || !client.connected) return;
    const next = (): StoredPacket | undefined => queue.outgoing(client.id)?.next();
    for (let packet = next(); packet !== undefined; packet = next()) {
      if (this.mayReceive(packet.topic)) this.#write(packet, packet.qos, false, this.#identify(packet));
      else this.refuse(packet);
    }
  }

  /** The client must not have this message, not even later. */
  refuse(packet: StoredPacket): void {
    const { client, queue } = this.#parts;
    if (!client.clean && packet.qos > 0) queue.discardOutgoing(client, packet);
  }

  /** Takes over from aedes what it sends by itself: retained messages to a new subscriber. `done` asks for the next. */
  takeOver(): void {
    const { client, writer } = this.#parts;
    const deliver = (packet: StoredPacket, done: () => void): void => {
      this.#retained(packet);
      if (writer.full && !client.closed) client.waitForDrain(done);
      else done();
    };
    client.deliver0 = deliver;
    client.deliverQoS = deliver;
  }

  #retained(packet: StoredPacket): void {
    if (this.client.closed || !this.mayReceive(packet.topic)) return;
    const qos = Math.min(packet.qos, this.#granted(packet.topic)) as QoS;
    this.#write(packet, qos, packet.retain, qos === 0 ? 0 : this.#nextId());
  }

  #write(packet: StoredPacket, qos: QoS, retain: boolean, id: number): void {
    this.#count(packet);
    const { bytes, idAt } = encodePublish(packet, { qos, retain });
    this.#parts.writer.write(bytes, idAt, id);
  }

  #count(packet: StoredPacket): void {
    const { counters } = this.#parts;
    counters.messagesOut++;
    counters.publishBytesOut += payloadBytes(packet);
  }

  #granted(topic: string): QoS {
    let highest: QoS = 0;
    for (const [filter, { qos }] of Object.entries(this.client.subscriptions)) {
      if (qos > highest && filterMatches(filter, topic)) highest = qos;
    }
    return highest;
  }

  #identify(packet: StoredPacket): number {
    const { client, queue } = this.#parts;
    const id = this.#nextId();
    if (!client.clean) queue.sent(client.id, packet, id);
    return id;
  }

  /** Shared with aedes, which numbers what it resends. One that is still in use is left out [MQTT-2.3.1-2]. */
  #nextId(): number {
    const { client, queue } = this.#parts;
    let id = client._nextId;
    if (!client.clean) while (queue.usesId(client.id, id)) id = after(id);
    client._nextId = after(id);
    return id;
  }
}

function after(id: number): number {
  return id >= 65_535 ? 1 : id + 1;
}
