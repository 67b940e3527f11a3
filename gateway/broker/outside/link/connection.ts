// One connection to an outside broker, from CONNECT to its end. Who uses it makes a new one afterwards: MQTT.js's own
// reconnect can neither change the protocol version nor hold an acknowledgement back.
import mqtt from 'mqtt';
import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt';
import type { Message } from '../../../../shared/ports.js';
import type { BrokerUrl } from './broker-url.js';
import { SendWindow } from './send-window.js';

export type MqttVersion = 4 | 5;
/** We use no QoS 2 with it. */
export type MostQos = 0 | 1;

export interface Connected {
  /** The broker still knows this client's subscriptions, and what came for them meanwhile follows. */
  readonly sessionPresent: boolean;
  /** How many unacknowledged QoS 1 messages the broker takes. */
  readonly window: number;
  /** The largest packet that the broker takes, where it tells. */
  readonly maximumPacketSize: number | undefined;
  /** What the broker takes: with 0 nobody acknowledges anything. */
  readonly mostQos: MostQos;
}

export interface ConnectionEvents {
  connected(connected: Connected): void;
  /** `identifiers` are those of the subscriptions it came by, where the broker tells. */
  received(packet: IPublishPacket, identifiers: readonly number[]): void;
  /** Once, the last event; without an error when the broker just closed. */
  closed(error: Error | undefined): void;
}

export interface ConnectionOptions {
  readonly url: BrokerUrl;
  readonly version: MqttVersion;
  /** Of the will: a broker that takes less refuses the connection for it. */
  readonly mostQos: MostQos;
  readonly clientId: string;
  /** Retained, published by the broker when this connection breaks. */
  readonly will: { readonly topic: string; readonly payload: Uint8Array };
}

export interface Subscription {
  readonly filter: string;
  readonly identifier: number;
}

/** The broker keeps the session this long without us: what was sent to the gateway meanwhile is not lost. */
const SESSION_EXPIRY_S = 24 * 3600;
/**
 * MQTT 5: "offline" may wait so long. With none at all ActiveMQ Artemis (2.40) says the will only when the session ends,
 * a day later, where the standard says at once [MQTT-3.1.2-8].
 */
const WILL_DELAY_S = 1;
const CONNECT_TIMEOUT_MS = 10_000;
const RECEIVE_WINDOW = 100;
const SEND_WINDOW = 100;
/** For MQTT.js: this message is not acknowledged by you. */
const LATER = new Error('acknowledged later');

export class OutsideConnection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #window = new SendWindow();
  #client: MqttClient | undefined;
  #broken = false;
  #mostQos: MostQos = 1;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
  }

  open(): void {
    const client = mqtt.connect(this.#options.url.address, optionsOf(this.#options));
    this.#client = client;
    let lastError: Error | undefined;
    client.on('connect', ({ sessionPresent, properties }) => {
      const window = Math.min(properties?.receiveMaximum ?? SEND_WINDOW, SEND_WINDOW);
      const { maximumPacketSize, maximumQoS } = properties ?? {};
      this.#mostQos = maximumQoS === 0 ? 0 : 1;
      this.#window.open(window);
      this.#events.connected({ sessionPresent, window, maximumPacketSize, mostQos: this.#mostQos });
    });
    client.on('disconnect', ({ reasonCode }) => {
      const error = new Error(`the broker ended the connection with reason ${String(reasonCode)}`);
      lastError = Object.assign(error, { code: reasonCode });
    });
    client.on('error', (error) => {
      lastError = error;
      // What its parser does not understand leaves MQTT.js with an open connection on which nothing is acknowledged any more:
      // Mosquitto's message_size_limit, say, which answers a PUBLISH with a reason that PUBACK does not have (149).
      if (client.connected) client.stream.destroy();
    });
    client.once('close', () => {
      client.end(true);
      this.#events.closed(lastError);
    });
    // MQTT.js handles the next packet only after this one's callback. With an error it goes on and sends no PUBACK:
    // handlers run side by side, our own publishes are acknowledged meanwhile, and `acknowledge` writes the PUBACK.
    client.handleMessage = (packet, callback) => {
      const identifiers = [packet.properties?.subscriptionIdentifier ?? []].flat();
      this.#events.received(packet, identifiers);
      callback(packet.qos === 0 ? undefined : LATER);
    };
  }

  /** Resolves when the broker has it (QoS ≥ 1: acknowledged); never settles when the connection ends before. */
  async publish({ topic, payload, qos: asked, retain }: Message): Promise<void> {
    const qos = this.#mostQos === 0 ? 0 : asked;
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    await this.#window.pass(qos > 0, async () => this.#opened().publishAsync(topic, bytes, { qos, retain }));
  }

  /** Rejects when the broker refuses one of them. */
  async subscribe(subscriptions: readonly Subscription[]): Promise<void> {
    // One packet for each: an identifier belongs to the whole packet.
    const requests = subscriptions.map(async ({ filter, identifier }) => {
      // Live retained messages keep their flag (MQTT 5); QoS 1, since a handler may see a message again anyway.
      const options = {
        qos: 1,
        rap: true,
        rh: 0,
        properties: { subscriptionIdentifier: identifier },
      } as const;
      const granted = await this.#opened().subscribeAsync(filter, this.#isFive() ? options : { qos: 1 });
      if (granted.some(({ qos }) => qos >= 128))
        throw new Error(`the broker refused the subscription to ${filter}`);
    });
    await Promise.all(requests);
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    if (filters.length > 0) await this.#opened().unsubscribeAsync([...filters]);
  }

  /** PUBACK. Of two bytes in MQTT 5 too, where a missing reason means success. */
  acknowledge(messageId: number): void {
    const { stream, connected } = this.#opened();
    if (connected && !this.#broken) stream.write(Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]));
  }

  get version(): MqttVersion {
    return this.#options.version;
  }

  /** It was ended by `breakOff`. */
  get isBroken(): boolean {
    return this.#broken;
  }

  /** So that the broker sends again what was not acknowledged. */
  breakOff(): void {
    this.#broken = true;
    this.#client?.stream.destroy();
  }

  /** Says DISCONNECT, so that the will is not published. */
  async end(): Promise<void> {
    await this.#client?.endAsync();
  }

  #isFive(): boolean {
    return this.version === 5;
  }

  #opened(): MqttClient {
    if (this.#client === undefined) throw new Error('not opened');
    return this.#client;
  }
}

function optionsOf({ url, version, mostQos, clientId, will }: ConnectionOptions): IClientOptions {
  const { username, password } = url;
  return {
    protocolVersion: version,
    clientId,
    clean: false,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    resubscribe: false,
    keepalive: 30,
    will: {
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: mostQos,
      retain: true,
      ...(version === 5 ? { properties: { willDelayInterval: WILL_DELAY_S } } : {}),
    },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(version === 5
      ? { properties: { sessionExpiryInterval: SESSION_EXPIRY_S, receiveMaximum: RECEIVE_WINDOW } }
      : {}),
  };
}
