// Somebody else's MQTT broker in the embedded one's place: the same MessageBus over a connection that comes back by
// itself. Its session is persistent, so what was sent to the gateway while it was away is not lost.
import type { Duplex } from 'node:stream';
import type { IPublishPacket } from 'mqtt';
import { GatewayError } from '../../shared/errors.js';
import type { Clock, Component, Log, Message, MessageBus, QoS, Unsubscribe } from '../../shared/ports.js';
import { allTaken } from './ack-handlers.js';
import type { Broker } from './broker.js';
import type { OutsideStats } from './broker-counters.js';
import { parseBrokerUrl } from './broker-url.js';
import type { BrokerUrl } from './broker-url.js';
import { within } from './deadline.js';
import { handOn } from './hand-on.js';
import type { Connected, OutsideConnection } from './outside-connection.js';
import { OutsideLink } from './outside-link.js';
import { OutsideOutgoing } from './outside-outgoing.js';
import { OutsideSubscriptions } from './outside-subscriptions.js';
import { PublishGate } from './publish-gate.js';

export interface OutsideBrokerOptions {
  /** mqtt://user:password@host:port, mqtts://…, ws://… */
  readonly url: string;
  /** Stable: the broker keeps the session under it. */
  readonly clientId: string;
  /** Published retained: `offline` by the broker when the connection breaks, `online` at every connection. */
  readonly status: {
    readonly topic: string;
    readonly online: () => Uint8Array;
    readonly offline: () => Uint8Array;
  };
  readonly log: Log;
  readonly clock: Clock;
  readonly retry?: { readonly firstMs: number; readonly mostMs: number };
}

const RETRY = { firstMs: 500, mostMs: 30_000 };
const LIMITS = { maxMessages: 10_000, maxBytes: 16 * 1024 * 1024 };
const STOP_DEADLINE_MS = 2000;

export class OutsideBroker implements Broker, MessageBus {
  readonly name = 'outside broker';
  /** What it keeps is its own affair. */
  readonly ailment = undefined;
  readonly door: Component;
  readonly #options: OutsideBrokerOptions;
  readonly #url: BrokerUrl;
  readonly #link: OutsideLink;
  readonly #outgoing = new OutsideOutgoing(LIMITS);
  readonly #subscriptions = new OutsideSubscriptions();
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
    this.#link = new OutsideLink(
      { url: this.#url, clientId, will, clock, log, retry },
      {
        up: (connection, connected) => {
          this.#up(connection, connected);
        },
        received: (connection, packet, identifiers) => {
          this.#received(connection, packet, identifiers);
        },
        down: () => {
          this.#down();
        },
      },
    );
    this.door = {
      name: 'connection to the outside broker',
      start: async () => this.#link.start(),
      stop: async () => this.#close(),
    };
  }

  get bus(): MessageBus {
    return this;
  }

  get url(): string {
    return this.#url.address;
  }

  /** Nothing yet: the connection opens with the door, when everybody who must hear a queued message listens. */
  async start(): Promise<void> {
    this.#closing = false;
    this.#stopped = false;
    return Promise.resolve();
  }

  /** What still waits has until the deadline; then DISCONNECT. */
  async stop(): Promise<void> {
    const { clock } = this.#options;
    await this.#close();
    this.#stopped = true;
    const connection = this.#connection;
    if (connection !== undefined) {
      const outcome = await within(this.#sayGoodbye(connection), STOP_DEADLINE_MS, clock);
      if (outcome === 'given_up') connection.breakOff();
    }
    this.#outgoing.rejectAll(stopped());
  }

  async publish(message: Message): Promise<void> {
    if (this.#stopped) throw stopped();
    if (this.#closing && this.#connection === undefined) throw unreachable();
    await this.#outgoing.publish(message);
    this.#counts.messagesOut++;
  }

  async subscribe(filter: string, _qos: QoS, handler: (message: Message) => void): Promise<Unsubscribe> {
    const safely = (message: Message): void => {
      try {
        handler(message);
      } catch (err) {
        this.#options.log.error(
          { err, filter, topic: message.topic },
          'a subscriber within the gateway threw',
        );
      }
    };
    return this.#subscribed(filter, this.#subscriptions.add(filter, safely));
  }

  async subscribeBeforeAck(
    filter: string,
    handler: (message: Message) => Promise<void>,
  ): Promise<Unsubscribe> {
    return this.#subscribed(filter, this.#subscriptions.addBeforeAck(filter, handler));
  }

  /** Hands a WebSocket's MQTT client on to the outside broker, with its own name and password. */
  handle(stream: Duplex): void {
    handOn(stream, this.#url, this.#options.log);
  }

  stats(): OutsideStats {
    const { waiting, rejected } = this.#outgoing;
    const { connects, version } = this.#link;
    return {
      ...this.#counts,
      connected: this.#connection !== undefined,
      connects,
      version,
      waiting,
      rejected,
    };
  }

  // ── the connection ────────────────────────────────────────────────────────────────────────────────────

  #up(connection: OutsideConnection, { sessionPresent, window }: Connected): void {
    const { status, log } = this.#options;
    this.#connection = connection;
    this.#acknowledgements = new PublishGate();
    const send = async (message: Message): Promise<void> => connection.publish(message);
    const online = { topic: status.topic, payload: status.online(), qos: 1, retain: true } as const;
    const said = this.#closing ? Promise.resolve() : send(online);
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
    this.#outgoing.attach(send, window);
  }

  #down(): void {
    this.#connection = undefined;
    this.#outgoing.detach();
    if (this.#closing) this.#outgoing.rejectAll(unreachable());
  }

  /** From here on nothing new is listened for, and what nobody takes stays in the session for the next start. */
  async #close(): Promise<void> {
    if (this.#closing) return Promise.resolve();
    this.#closing = true;
    this.#link.stop();
    if (this.#connection === undefined) this.#outgoing.rejectAll(unreachable());
    return Promise.resolve();
  }

  /** After everything that waits. Without an answer the broker publishes the will, which says the same. */
  async #sayGoodbye(connection: OutsideConnection): Promise<void> {
    const { status, log } = this.#options;
    try {
      await this.#outgoing.publish({ topic: status.topic, payload: status.offline(), qos: 1, retain: true });
      await connection.end();
    } catch (err) {
      log.debug({ err }, 'the connection to the outside broker ended before everything was said');
    }
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
    const { plain, beforeAck } = this.#subscriptions.handlersOf(message.topic, identifiers);
    if (plain.length + beforeAck.length === 0) {
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

function messageOf({ topic, payload, qos, retain }: IPublishPacket): Message {
  return { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, qos, retain };
}

function stopped(): GatewayError {
  return new GatewayError('closed', 'the connection to the outside broker is stopped');
}

function unreachable(): GatewayError {
  return new GatewayError('broker_unreachable', 'the outside broker is not connected and the gateway stops');
}
