// A real MQTT client (MQTT.js) over a real socket, which keeps what it received.
import type { TestContext } from 'node:test';
import mqtt from 'mqtt';
import type { IClientOptions, MqttClient } from 'mqtt';
import { until } from './waiting.js';

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
  t: Pick<TestContext, 'after'>,
  url: string,
  options: IClientOptions = {},
): Promise<TestClient> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 5000, ...options });
  t.after(async () => client.endAsync(true));
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
