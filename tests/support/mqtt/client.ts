// A real MQTT client (MQTT.js) over a real socket, which keeps what it received.
import assert from 'node:assert/strict';
import mqtt from 'mqtt';
import type { IClientOptions, MqttClient } from 'mqtt';
import { until } from '../waiting.js';
import type { Ends } from '../temporary-folder.js';

/** Of the clients that name none: suites run with both (tests/gateway/broker/version5/suites.test.ts). */
export const MQTT_VERSION = process.env['TEST_MQTT_VERSION'] === '5' ? 5 : 4;
/** What CONNACK says to a wrong login. */
export const NOT_AUTHORIZED = MQTT_VERSION === 5 ? 0x87 : 5;

export interface Received {
  readonly topic: string;
  readonly text: string;
  readonly qos: number;
  readonly retain: boolean;
}

export class TestClient {
  readonly mqtt: MqttClient;
  readonly received: Received[] = [];

  constructor(client: MqttClient) {
    this.mqtt = client;
    client.on('message', (topic, payload, { qos, retain }) => {
      this.received.push({ topic, text: payload.toString(), qos, retain });
    });
    // A connection the broker ends is what some tests wait for; MQTT.js throws where nobody listens.
    client.on('error', () => undefined);
  }

  async subscribe(filter: string, qos: 0 | 1 | 2 = 0): Promise<void> {
    await this.mqtt.subscribeAsync(filter, { qos });
  }

  async publish(
    topic: string,
    text: string,
    options: { qos?: 0 | 1 | 2; retain?: boolean } = {},
  ): Promise<void> {
    await this.mqtt.publishAsync(topic, text, options);
  }

  /** One that is acknowledged and goes nowhere; MQTT 5 is told so. */
  async publishInVain(
    topic: string,
    text: string,
    options: { qos: 0 | 1 | 2; retain?: boolean },
  ): Promise<void> {
    if (MQTT_VERSION === 5 && options.qos > 0)
      await assert.rejects(this.mqtt.publishAsync(topic, text, options), { code: 0x87 });
    else await this.mqtt.publishAsync(topic, text, options);
  }

  /** Waits until `count` messages are here; the texts of all. */
  async texts(count: number): Promise<string[]> {
    await until(
      `${String(count)} messages, got ${String(this.received.length)}`,
      () => this.received.length >= count,
    );
    return this.received.map(({ text }) => text);
  }

  async message(topic: string): Promise<Received> {
    return until(`a message on ${topic}`, () => this.received.find((message) => message.topic === topic));
  }
}

/** Connects once (no reconnect unless asked for); ended after the test. */
export async function connectClient(
  t: Ends,
  url: string,
  options: IClientOptions = {},
  listen: (client: MqttClient) => void = () => undefined,
): Promise<TestClient> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 5000, ...ofVersion(options) });
  listen(client);
  t.after(async () => {
    // A client that is just coming back would come back for ever: its end is not heard while it waits.
    client.options.reconnectPeriod = 0;
    await client.endAsync(true);
  });
  // Listens before the connection is there: what was queued for the session may come in the CONNACK's segment.
  const own = new TestClient(client);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => {
      resolve();
    });
    client.once('error', reject);
    client.once('close', () => {
      reject(new Error('the broker closed the connection'));
    });
  });
  return own;
}

/** In MQTT 5 a session that stays has to be asked for. */
function ofVersion(options: IClientOptions): IClientOptions {
  if (MQTT_VERSION === 4 || options.protocolVersion !== undefined) return options;
  const stays = options.clean === false ? { properties: { sessionExpiryInterval: 3600 } } : {};
  return { protocolVersion: 5, ...stays, ...options };
}
