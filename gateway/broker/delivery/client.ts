// Sends messages to one connected client: straight into its writer, without the copies and turns of aedes' own path
// (docs/architecture.md#aedes), and with what aedes leaves out: the highest QoS of overlapping subscriptions
// [MQTT-3.3.5-1], a QoS lowered for wildcard filters [MQTT-3.8.4-6], and nothing ahead of the CONNACK or of what a
// session has waiting.
import type { QoS } from '../../../shared/ports.js';
import type { AedesClient, Announced } from '../mqtt/aedes-client.js';
import { payloadBytes, remainingS } from '../mqtt/packet.js';
import type { StoredPacket } from '../mqtt/packet.js';
import { encodePublish, encodePubrel } from '../mqtt/publish-encoder.js';
import type { EncodedPublish, OutgoingMessage } from '../mqtt/publish-encoder.js';
import { keptOf } from '../retained/store.js';
import type { HeldMessages } from './held-messages.js';
import type { DeliveryParts } from './parts.js';
import type { ClientWriter } from './writer.js';
import { MOST_IDS, NO_ID, PacketIds } from './packet-ids.js';
import { ReceiveWindow } from './receive-window.js';
import type { Grant } from './grant.js';
import { flagsOf, grantedTo } from './flags.js';
import type { Flags } from './flags.js';
import { TopicAliases } from './topic-aliases.js';

export class ClientDelivery {
  readonly #parts: DeliveryParts;
  /** What each message to each client asks is asked here, and not of `#parts`. */
  readonly #client: AedesClient;
  readonly #writer: ClientWriter;
  readonly #held: HeldMessages;
  readonly #counters: DeliveryParts['counters'];
  readonly #ids: PacketIds;
  #isVersion5 = false;
  /** The largest packet that the client takes. */
  #mostBytes = Infinity;
  /** Of a client that speaks MQTT 5 and takes fewer than there are packet identifiers. */
  #window: ReceiveWindow | undefined;
  /** Of a client that takes them. */
  #aliases: TopicAliases | undefined;
  /** Sent on an earlier connection, for a client of MQTT 5; aedes does it for the others. */
  #resent: StoredPacket[] = [];

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    ({ client: this.#client, writer: this.#writer, held: this.#held, counters: this.#counters } = parts);
    this.#ids = new PacketIds(parts.client, (id) => this.#isUsed(id));
  }

  get client(): AedesClient {
    return this.#client;
  }

  /** Whether it may have messages of this topic now. */
  mayReceive(topic: string): boolean {
    return this.#parts.mayReceive(this.#client, topic);
  }

  /** Whether a message of this QoS would reach it, at once or from its session. */
  mayGet(qos: QoS): boolean {
    const { client } = this.#parts;
    return !client.closed && (client.connackSent || (qos > 0 && !client.clean));
  }

  /** Whether it would be sent a message now, ahead of nothing else. */
  get takesAtOnce(): boolean {
    const { client, writer, held, queue } = this.#parts;
    if (!client.connected || writer.full || !this.#hasRoom) return false;
    if (client.clean) return held.isEmpty;
    return this.#resent.length === 0 && queue.outgoing(client.id)?.isCaughtUp !== false;
  }

  /** Whether retained messages stand still until the client answers. */
  get awaitsAnswer(): boolean {
    return this.#window?.isAwaited === true;
  }

  /** A live message; `grant` is what the client's filters that match it come to; `group`: it is a member's. */
  send(packet: StoredPacket, message: OutgoingMessage, grant: Grant, group?: string): void {
    const client = this.#client;
    const qos = packet.qos < grant.qos ? packet.qos : grant.qos;
    // A session that is being restored has everything but QoS 0 in its queue, which goes first.
    if (client.closed || !(qos === 0 || client.clean ? client.connackSent : client.connected)) return;
    if (qos > 0 && !this.#isTurnOf(packet, grant, group)) return;
    const lent = qos === 1 ? group : undefined;
    const keepsRetain = grant.keepsRetain && packet.retain;
    if (this.#aliases === undefined && !keepsRetain && grant.ids.length === 0) {
      const encoded = this.#isVersion5 ? message.bare(qos) : message.plain(qos);
      this.#put(packet, encoded, message.payloadBytes, undefined, lent);
      return;
    }
    const alias = this.#aliases?.of(packet.topic, qos);
    const encoded = message.encoded(qos, keepsRetain, grant.ids, alias);
    const isOut = this.#put(packet, encoded, message.payloadBytes, undefined, lent);
    if (isOut && alias?.isKnown === false) this.#aliases?.sent(packet.topic, alias);
  }

  /** After the session is restored, and whenever the client has acknowledged something: what waits follows. */
  sendWaiting(): void {
    const { client, queue, held } = this.#parts;
    if (client.closed || !client.connected) return;
    if (client.clean) {
      while (!held.isEmpty && this.#hasRoom) this.#sendHeld();
      return;
    }
    while (this.#resent.length > 0 && this.#hasRoom) this.#sendAgain(this.#resent.shift());
    const next = (): StoredPacket | undefined =>
      this.#hasRoom ? queue.outgoing(client.id)?.next() : undefined;
    for (let packet = next(); packet !== undefined; packet = next()) {
      if (!this.mayReceive(packet.topic)) this.refuse(packet);
      else if (this.#isOver(packet)) this.#expire(packet);
      else this.#write(packet, this.#flags(packet));
    }
  }

  /** What the client's CONNECT says: kept here, as it is asked for each message. */
  announced({ protocolVersion, properties = {} }: Announced): void {
    const { maximumPacketSize = Infinity, topicAliasMaximum = 0 } = properties;
    this.#isVersion5 = protocolVersion === 5;
    this.#mostBytes = maximumPacketSize;
    if (topicAliasMaximum > 0) this.#aliases = new TopicAliases(topicAliasMaximum);
  }

  /** The session of a client that speaks MQTT 5 is there: what it was sent before comes first. */
  resume(): void {
    const { client, queue } = this.#parts;
    if (!this.#isVersion5) return;
    if (client.receiveMaximum < MOST_IDS) this.#window = new ReceiveWindow(client.receiveMaximum);
    this.#resent = client.clean ? [] : [...(queue.outgoing(client.id)?.resent() ?? [])];
  }

  /** The client has a message, or does not want it; its session knows already. */
  acknowledged(messageId: number): void {
    const held = this.#held;
    held.acknowledged(messageId);
    this.#window?.acknowledged(messageId);
    if (!this.#client.clean || !held.isEmpty) this.sendWaiting();
  }

  /** The client must not have this message, not even later. */
  refuse(packet: StoredPacket): void {
    const { client, queue } = this.#parts;
    if (!client.clean && packet.qos > 0) queue.discardOutgoing(client, packet);
  }

  /**
   * Takes over from aedes what it sends by itself: retained messages to a new subscriber. `next` asks for the next one,
   * and is not called any more once the client has left.
   */
  takeOver(): void {
    const { client, writer, held, queue } = this.#parts;
    const deliver = (packet: StoredPacket, next: () => void): void => {
      if (client.closed) return;
      if (!this.#hasRoom) {
        this.#window?.whenRoom(() => {
          deliver(packet, next);
        });
        return;
      }
      this.#retained(packet);
      if (writer.full) writer.whenRoom(next);
      else next();
    };
    client.deliver0 = deliver;
    client.deliverQoS = deliver;
    client.conn.once('close', () => {
      for (const { packet, group } of held.clear()) queue.giveOn(packet, group);
    });
  }

  get #hasRoom(): boolean {
    return this.#window?.hasRoom ?? true;
  }

  #isTurnOf(packet: StoredPacket, grant: Grant, group: string | undefined): boolean {
    const client = this.#client;
    if (client.clean) {
      const held = this.#held;
      if (held.isEmpty && this.#hasRoom) return true;
      held.hold(packet, grant, group);
      return false;
    }
    const { queue } = this.#parts;
    if (this.#hasRoom && this.#resent.length === 0 && queue.outgoing(client.id)?.isTurnOf(packet) !== false)
      return true;
    this.sendWaiting();
    return false;
  }

  #sendHeld(): void {
    const next = this.#parts.held.next();
    if (next === undefined || !this.mayReceive(next.packet.topic)) return;
    const { packet, grant, group } = next;
    if (this.#isOver(packet)) this.#expire(packet);
    else {
      const flags = flagsOf(packet, grant);
      this.#write(packet, flags, { group: flags.qos === 1 ? group : undefined });
    }
  }

  #sendAgain(packet: StoredPacket | undefined): void {
    const { writer } = this.#parts;
    if (packet?.messageId === undefined) return;
    if (packet.cmd !== 'publish') {
      this.#window?.sent(packet.messageId);
      writer.write(encodePubrel(packet.messageId));
    } else if (!this.mayReceive(packet.topic)) this.refuse(packet);
    else {
      this.#ids.goOnBehind(packet.messageId);
      this.#write(packet, { ...this.#flags(packet), dup: true }, { id: packet.messageId });
    }
  }

  #retained(packet: StoredPacket): void {
    if (!this.mayReceive(packet.topic)) return;
    const { kept, subscriptionIdentifier } = keptOf(packet);
    const granted = Math.min(packet.qos, grantedTo(this.client, packet.topic).qos) as QoS;
    const id = granted === 0 ? NO_ID : this.#ids.next();
    const subscriptionIds = subscriptionIdentifier === undefined ? [] : [subscriptionIdentifier];
    this.#write(kept, { qos: id === NO_ID ? 0 : granted, retain: packet.retain, subscriptionIds }, { id });
  }

  #flags(packet: StoredPacket): Flags {
    const { client } = this.#parts;
    // Of 3.1.1 there is nothing that its filters would say but the QoS, with which it was queued.
    return this.#isVersion5
      ? flagsOf(packet, grantedTo(client, packet.topic, packet.group), packet.qos)
      : { qos: packet.qos };
  }

  #write(packet: StoredPacket, { subscriptionIds = [], ...flags }: Flags, sent: Sent = {}): void {
    const expiryS = remainingS(packet, this.#parts.lifeMs());
    const alias = this.#aliases?.of(packet.topic, flags.qos);
    const version5 = this.#isVersion5 ? { expiryS, subscriptionIds, alias } : undefined;
    const encoded = encodePublish(packet, { ...flags, version5 });
    const isOut = this.#put(packet, encoded, payloadBytes(packet), sent.id, sent.group);
    if (isOut && alias !== undefined) this.#aliases?.sent(packet.topic, alias);
  }

  /** False where it is too large for the client. */
  #put(
    packet: StoredPacket,
    { bytes, idAt }: EncodedPublish,
    payloadLength: number,
    id?: number,
    group?: string,
  ): boolean {
    const counters = this.#counters;
    if (bytes.length > this.#mostBytes) {
      counters.tooLarge++;
      this.refuse(packet);
      return false;
    }
    counters.messagesOut++;
    counters.publishBytesOut += payloadLength;
    if (idAt === 0) {
      this.#writer.write(bytes);
      return true;
    }
    const messageId = id ?? this.#identify(packet);
    this.#window?.sent(messageId);
    if (group !== undefined && this.#client.clean) this.#held.lend(messageId, packet, group);
    this.#writer.write(bytes, idAt, messageId);
    return true;
  }

  #isOver(packet: StoredPacket): boolean {
    return remainingS(packet, this.#parts.lifeMs()) === 0;
  }

  #expire(packet: StoredPacket): void {
    this.#parts.counters.expired++;
    this.refuse(packet);
  }

  #identify(packet: StoredPacket): number {
    const client = this.#client;
    // Nobody keeps what such a client has not acknowledged: of no identifier is it known that it is in use.
    if (client.clean && this.#window === undefined) return this.#ids.following();
    const id = this.#ids.next();
    if (!client.clean) this.#parts.queue.sent(client.id, packet, id);
    return id;
  }

  #isUsed(id: number): boolean {
    const { client, queue } = this.#parts;
    return this.#window?.has(id) === true || (!client.clean && queue.usesId(client.id, id));
  }
}

interface Sent {
  /** The packet identifier, where it has one already. */
  readonly id?: number | undefined;
  /** The shared subscription by which it came, where it may still be another's. */
  readonly group?: string | undefined;
}
