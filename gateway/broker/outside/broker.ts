// Somebody else's MQTT broker in the embedded one's place: the same MessageBus over a connection that comes back by
// itself. Its session is persistent, so what was sent to the gateway while it was away is not lost.
import type { Duplex } from 'node:stream';
import type { IPublishPacket } from 'mqtt';
import { GatewayError } from '../../../shared/errors.js';
import type { Component, Message, MessageBus, QoS, Unsubscribe } from '../../../shared/ports.js';
import { allTaken } from '../intake/ack-handlers.js';
import type { Broker } from '../broker.js';
import { SpokenVersions } from '../spoken-versions.js';
import type { OutsideStats } from './stats.js';
import { parseBrokerUrl } from './link/broker-url.js';
import type { BrokerUrl } from './link/broker-url.js';
import { within } from '../../../shared/within.js';
import { handOn } from './link/hand-on.js';
import type { Connected, OutsideConnection } from './link/connection.js';
import { OutsideLink } from './link/link.js';
import { OutsideOutgoing, type Attached } from './outgoing/outgoing.js';
import { stopped, unreachable, type OutsideBrokerOptions } from './options.js';
import { Goodbye } from './goodbye.js';
import { Outage } from './outgoing/outage.js';
import type { ConnectionEnd } from './outgoing/size-limit.js';
import { OutsideSubscriptions } from './subscriptions.js';
import { messageOf, neverThrowing } from './received.js';
import { Presence } from './presence/presence.js';
import { RetainedUpkeep } from './remembered/retained-upkeep.js';
import { PublishGate } from '../intake/publish-gate.js';

/** MQTT 3.1.1 has no word for the limit: NATS takes 1 MiB by default, and each answer that is too large costs a connection. */
const UNTOLD_BYTES = 256 * 1024;
const RETRY = { firstMs: 500, mostMs: 30_000 };
/** An address that swallows everything must not hold up the start of what needs no broker. */
const FIRST_TRY_MS = 2000;

export class OutsideBroker implements Broker, MessageBus {
  readonly name = 'outside broker';
  readonly door: Component;
  readonly versions = new SpokenVersions();
  readonly #options: OutsideBrokerOptions;
  readonly #url: BrokerUrl;
  readonly #link: OutsideLink;
  readonly #outgoing: OutsideOutgoing;
  readonly #outage: Outage;
  readonly #subscriptions = new OutsideSubscriptions();
  readonly #retained: RetainedUpkeep;
  readonly #presence: Presence;
  readonly #goodbye: Goodbye;
  #connection: OutsideConnection | undefined;
  /** Of the current connection: acknowledgements go out in the order the messages came [MQTT-4.6.0-2]. */
  #acknowledgements = new PublishGate();
  #closing = false;
  #stopped = false;
  readonly #counts = { messagesIn: 0, messagesOut: 0, unacknowledged: 0, unheard: 0 };

  /** Throws broker_unreachable when the address cannot be one. */
  constructor(options: OutsideBrokerOptions) {
    this.#options = options;
    this.#url = parseBrokerUrl(options.url);
    const { clientId, clock, log, retry = RETRY, status } = options;
    const will = { topic: status.topic, payload: status.offline() };
    this.#presence = new Presence({ status, url: this.#url, clock, log });
    this.#outgoing = new OutsideOutgoing(clock, (kind) => {
      this.#outage.lost(kind);
    });
    this.#outage = new Outage({ broker: this.url, clock, log, queues: () => this.#outgoing.queues });
    this.#goodbye = new Goodbye({
      ...{ clock, log },
      waiting: () => this.#outgoing.waiting,
      // Samples and answers are on disk: the next start says what is not said now.
      onGivenUp: (waiting) => {
        this.#outgoing.rejectAll(unreachable());
        log.warn({ waiting }, 'the outside broker does not answer: the gateway stops without telling it');
      },
    });
    this.#retained = new RetainedUpkeep({
      ...{ clock, log, statusTopic: status.topic },
      publish: async (message) => this.#outgoing.publish(message),
    });
    this.#link = new OutsideLink(
      { url: this.#url, clientId, will, clock, log, retry, rivals: this.#presence.rivals },
      {
        up: (connection, connected) => {
          this.#up(connection, connected);
        },
        received: (connection, packet, identifiers) => {
          this.#received(connection, packet, identifiers);
        },
        down: (end) => {
          this.#down(end);
        },
      },
    );
    this.door = {
      name: 'connection to the outside broker',
      start: async () => this.#open(),
      stop: async () => this.#close(),
    };
  }

  get bus(): MessageBus {
    return this;
  }

  get ailment(): string | undefined {
    return this.#presence.rivals.sentence ?? this.#outage.sentence;
  }

  get recordable(): MessageBus {
    return this.#presence.withoutRivals(this);
  }

  get largestMessage(): number | undefined {
    return this.#outgoing.largestPacket ?? (this.#link.version === 5 ? undefined : UNTOLD_BYTES);
  }

  get url(): string {
    return this.#url.address;
  }

  /** Nothing yet: the connection opens with the door, when everybody who must hear a queued message listens. */
  async start(): Promise<void> {
    this.#closing = false;
    this.#goodbye.reset();
    this.#stopped = false;
    return Promise.resolve();
  }

  /** What still waits has until the deadline; then DISCONNECT. */
  async stop(): Promise<void> {
    await this.#close();
    this.#stopped = true;
    const { status } = this.#options;
    const farewell = { topic: status.topic, payload: status.offline(), qos: 1, retain: true } as const;
    await this.#goodbye.end(this.#connection, async () => this.#outgoing.publish(farewell));
    this.#outgoing.rejectAll(stopped());
  }

  async publish(message: Message): Promise<void> {
    if (this.#stopped) throw stopped();
    if (this.#goodbye.isOver || (this.#closing && this.#connection === undefined)) throw unreachable();
    await this.#retained.publish(message);
    this.#counts.messagesOut++;
  }

  async subscribe(filter: string, _qos: QoS, handler: (message: Message) => void): Promise<Unsubscribe> {
    const safely = neverThrowing(filter, handler, this.#options.log);
    return this.#subscribed(filter, this.#subscriptions.add(filter, safely));
  }

  async subscribeBeforeAck(
    filter: string,
    handler: (message: Message) => Promise<void>,
  ): Promise<Unsubscribe> {
    return this.#subscribed(
      filter,
      this.#subscriptions.addBeforeAck(filter, this.#presence.marking(filter, handler)),
    );
  }

  /** Hands a WebSocket's MQTT client on to the outside broker, with its own name and password. */
  handle(stream: Duplex): void {
    handOn(stream, this.#url, this.#options.log);
  }

  stats(): OutsideStats {
    const { waiting, rejected, queues, largestPacket } = this.#outgoing;
    const { connects, version } = this.#link;
    return {
      ...this.#counts,
      connected: this.#connection !== undefined,
      connects,
      version,
      waiting,
      rejected,
      retained: this.#retained.stats(),
      ...this.#presence.rivals.stats(),
      queues,
      ...(largestPacket === undefined ? {} : { largestPacket }),
    };
  }

  // ── the connection ────────────────────────────────────────────────────────────────────────────────────

  async #open(): Promise<void> {
    this.#outage.begin();
    await within(this.#link.start(), FIRST_TRY_MS, this.#options.clock);
  }

  #up(connection: OutsideConnection, connected: Connected & Pick<Attached, 'isFirstTry'>): void {
    const [{ sessionPresent }, { log }] = [connected, this.#options];
    this.#connection = connection;
    this.versions.spoken(this.#link.version);
    this.#outage.end();
    this.#acknowledgements = new PublishGate();
    const send = async (message: Message): Promise<void> => connection.publish(message);
    if (!this.#closing) this.#retained.connected(connection, sessionPresent);
    const said = this.#closing ? Promise.resolve() : this.#presence.up(connection, sessionPresent);
    const { subscribe, unsubscribe } = this.#subscriptions.pending(sessionPresent);
    const told = [
      said,
      connection.unsubscribe(unsubscribe),
      ...subscribe.map(async ({ filter }) => this.#activate(connection, filter)),
    ];
    for (const telling of told) {
      telling.catch((err: unknown) => {
        // Cut off in the middle: the next connection says it all again.
        if (connection !== this.#connection) return;
        log.error({ err, broker: this.url }, 'the outside broker refused what the gateway needs');
      });
    }
    this.#outgoing.attach(send, connected);
  }

  #down(end: ConnectionEnd): void {
    this.#connection = undefined;
    this.#outage.begin();
    // Another gateway of the name took the connection: that says nothing of what was sent.
    this.#outgoing.detach(this.#presence.rivals.sentence === undefined ? end : 'other');
    if (this.#closing) this.#outgoing.rejectAll(unreachable());
  }

  /** From here on nothing new is listened for, and what nobody takes stays in the session for the next start. */
  async #close(): Promise<void> {
    if (this.#closing) return Promise.resolve();
    this.#closing = true;
    this.#retained.stop();
    this.#link.stop();
    if (this.#connection === undefined) this.#outgoing.rejectAll(unreachable());
    this.#goodbye.begin();
    return Promise.resolve();
  }

  // ── subscriptions ─────────────────────────────────────────────────────────────────────────────────────

  async #subscribed(filter: string, remove: () => boolean): Promise<Unsubscribe> {
    const connection = this.#connection;
    if (connection !== undefined) {
      try {
        await this.#activate(connection, filter);
      } catch (cause) {
        // Without that connection the next one subscribes.
        if (connection === this.#connection) {
          remove();
          throw new GatewayError('forbidden', `the outside broker refuses a subscription to ${filter}`, {
            cause,
          });
        }
      }
    }
    return async () => {
      // While stopping the session keeps the subscription: what comes now is for the next start.
      if (!remove() || this.#closing) return;
      if (this.#connection === undefined) this.#subscriptions.abandon(filter);
      else await this.#connection.unsubscribe([filter]);
    };
  }

  async #activate(connection: OutsideConnection, filter: string): Promise<void> {
    const subscription = this.#subscriptions.subscriptionOf(filter);
    if (subscription === undefined) return;
    await connection.subscribe([subscription]);
    this.#subscriptions.activated(filter);
  }

  // ── messages ──────────────────────────────────────────────────────────────────────────────────────────

  #received(connection: OutsideConnection, packet: IPublishPacket, identifiers: readonly number[]): void {
    this.#counts.messagesIn++;
    const message = messageOf(packet);
    const isOurs = [this.#retained, this.#presence].filter((part) => part.takes(message)).length > 0;
    const { plain, beforeAck } = this.#subscriptions.handlersOf(message.topic, identifiers);
    if (plain.length + beforeAck.length === 0 && !isOurs) {
      this.#counts.unheard++;
      if (this.#closing) return;
    }
    for (const handler of plain) handler(message);
    const work = beforeAck.length === 0 ? undefined : allTaken(beforeAck, message);
    const gate = packet.qos === 0 ? new PublishGate() : this.#acknowledgements;
    gate.enter({
      work,
      emitsLater: false,
      proceed: (error) => {
        if (error !== undefined) this.#notTaken(connection, message, error);
        else if (packet.qos > 0) this.#acknowledge(connection, packet.messageId ?? 0);
      },
    });
  }

  #acknowledge(connection: OutsideConnection, messageId: number): void {
    if (connection !== this.#connection) return;
    this.#link.proved();
    connection.acknowledge(messageId);
  }

  /** Only a new connection makes a broker send again what was not acknowledged. */
  #notTaken(connection: OutsideConnection, { topic, qos }: Message, err: unknown): void {
    this.#counts.unacknowledged++;
    this.#options.log.warn({ err, topic, qos }, 'a message was not taken and is not acknowledged');
    if (qos > 0 && connection === this.#connection && !this.#closing) connection.breakOff();
  }
}
