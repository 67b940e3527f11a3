// A client that publishes telemetry of its own with QoS 1, and counts what the broker acknowledged.
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';

export const ROOT = 'iot/greenhouse';
/** The device that the sender is; the gateway has none of that name. */
export const PROBE = 'probe-1';
const TOPIC = `${ROOT}/device/${PROBE}/telemetry`;
const RETRY_MS = 300;
/** For the acknowledgements that are still open at the end. */
const PATIENCE_MS = 15_000;

export class Sender {
  readonly #url: string;
  readonly #boot: string;
  readonly #acknowledged = new Set<number>();
  readonly #open = new Set<number>();
  #seq = 0;
  #left = Infinity;
  #client: MqttClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** Its samples carry `boot`, so that each part of the story has its own. */
  constructor(t: TestContext, url: string, boot: string) {
    this.#url = url;
    this.#boot = boot;
    t.after(async () => this.#end());
  }

  get acknowledged(): string[] {
    return [...this.#acknowledged].map((seq) => `${this.#boot}/${PROBE}/${String(seq)}`);
  }

  start(perSecond: number): void {
    this.#connect();
    this.#timer = setInterval(() => {
      if (this.#left === 0) return;
      this.#left--;
      this.#open.add(this.#seq);
      this.#send(this.#seq++);
    }, 1000 / perSecond);
  }

  /** Only so many more, until it is said again: what a broker keeps for a session that is away has a bound. */
  allow(count: number): void {
    this.#left = count;
  }

  /** No more; resolves when the last is acknowledged, or patience ends. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const end = performance.now() + PATIENCE_MS;
    while (this.#open.size > 0 && performance.now() < end) await sleep(20);
    await this.#end();
  }

  /**
   * As clients with a store of their own do: over a lost connection it sends again what is open, as new messages of the
   * same identity. MQTT.js would mark them as sent again (DUP), which Moquette 0.17 does not get over.
   */
  #connect(): void {
    const client = mqtt.connect(this.#url, { protocolVersion: 4, reconnectPeriod: 0 });
    this.#client = client;
    client.on('connect', () => {
      for (const seq of this.#open) this.#send(seq);
    });
    // Followed by 'close'.
    client.on('error', () => undefined);
    client.once('close', () => {
      client.end(true);
      if (this.#ended) return;
      setTimeout(() => {
        if (!this.#ended) this.#connect();
      }, RETRY_MS);
    });
  }

  #send(seq: number): void {
    const client = this.#client;
    if (client?.connected !== true) return;
    const text = JSON.stringify({ ts: Date.now(), boot: this.#boot, seq, values: { wind: seq } });
    client.publish(TOPIC, text, { qos: 1 }, (error) => {
      if (error instanceof Error) return;
      this.#open.delete(seq);
      this.#acknowledged.add(seq);
    });
  }

  async #end(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#ended) return;
    this.#ended = true;
    await this.#client?.endAsync(true);
  }
}
