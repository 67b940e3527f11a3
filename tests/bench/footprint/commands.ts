// One client's commands to the first device: how long each takes to its answer.
import type { Socket } from 'node:net';
import mqtt, { type MqttClient } from 'mqtt';
import { topicOf } from './plan.js';

export async function connect(url: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url);
  // MQTT.js leaves Nagle's algorithm on: its PUBACK and the next PUBLISH then wait 40 ms for the kernel's delayed ACK.
  (client.stream as Socket).setNoDelay(true);
  return client;
}

export class Commands {
  readonly #client: MqttClient;
  readonly #waiting = new Map<string, () => void>();
  #sent = 0;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (_topic, payload) => {
      const { id } = JSON.parse(payload.toString()) as { id: string };
      this.#waiting.get(id)?.();
      this.#waiting.delete(id);
    });
  }

  static async at(url: string): Promise<Commands> {
    const client = await connect(url);
    await client.subscribeAsync(topicOf(0, 'reply/cmd'), { qos: 0 });
    return new Commands(client);
  }

  /** Milliseconds from the sending of one to its answer. */
  async one(): Promise<number> {
    const id = `c-${String((this.#sent += 1))}`;
    const begunMs = performance.now();
    const answered = new Promise<void>((resolve) => this.#waiting.set(id, resolve));
    this.#client.publish(topicOf(0, 'command/cmd'), JSON.stringify({ id, args: { a: this.#sent % 256 } }), {
      qos: 1,
    });
    await answered;
    return performance.now() - begunMs;
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true);
  }
}

/** The value that this share of them does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
