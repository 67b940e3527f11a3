// Two clients with sessions that outlive their connections, which are cut at any moment: what one sends the other gets in
// order, at QoS 2 once and at QoS 1 at least once, whatever odd clients do beside them.
import assert from 'node:assert/strict';
import type { IClientOptions } from 'mqtt';
import { connectClient, type TestClient } from '../support/mqtt/client.js';
import type { Random } from '../support/random.js';
import { until } from '../support/waiting.js';

const BURST = 3;
const LIMIT_MS = 60_000;
/** A session that stays, and a client that comes back at once. Keep-alive: a connection cut without a word ends here too. */
const STAYING = { clean: false, reconnectPeriod: 20, keepalive: 5 };

export class HonestPair {
  readonly #topic: string;
  readonly #qos: 1 | 2;
  readonly #chance: Random;
  readonly #writer: TestClient;
  readonly #reader: TestClient;
  #sent = 0;
  #cuts = 0;

  private constructor(topic: string, qos: 1 | 2, chance: Random, writer: TestClient, reader: TestClient) {
    this.#topic = topic;
    this.#qos = qos;
    this.#chance = chance;
    this.#writer = writer;
    this.#reader = reader;
  }

  static async open(
    t: Parameters<typeof connectClient>[0],
    urls: { readonly writer: string; readonly reader: string },
    { qos, chance }: { readonly qos: 1 | 2; readonly chance: Random },
  ): Promise<HonestPair> {
    const topic = `honest/${String(qos)}`;
    const of = (role: string): IClientOptions => ({
      clientId: `honest-${role}-${String(qos)}`,
      ...chance.of([
        { protocolVersion: 4 },
        { protocolVersion: 5, properties: { sessionExpiryInterval: 600 } },
      ]),
    });
    const reader = await connectClient(t, urls.reader, { ...STAYING, ...of('reader') });
    await reader.subscribe(topic, qos);
    const writer = await connectClient(t, urls.writer, { ...STAYING, ...of('writer') });
    return new HonestPair(topic, qos, chance, writer, reader);
  }

  get cuts(): number {
    return this.#cuts;
  }

  /** Sends some, cuts connections meanwhile, and waits until all are there. `alive` throws where that is no use. */
  async exchange(alive: () => void): Promise<void> {
    const texts = Array.from({ length: BURST }, (_, index) => String(this.#sent + index));
    this.#sent += BURST;
    const sending = Promise.all(
      texts.map((text) => this.#writer.publish(this.#topic, text, { qos: this.#qos })),
    );
    // Looked at below: a finding of `alive` comes first.
    sending.catch(() => undefined);
    this.#cutSome();
    await until(
      `message ${String(this.#sent - 1)} at QoS ${String(this.#qos)}: ${this.#heard().slice(-5).join()} came`,
      () => {
        alive();
        return this.#heard().at(-1) === texts.at(-1);
      },
      LIMIT_MS,
    );
    await sending;
    assert.deepEqual(this.#heard(), texts, `QoS ${String(this.#qos)}`);
    // Let go: an hour has hundreds of thousands.
    this.#reader.received.length = 0;
  }

  #cutSome(): void {
    for (const client of [this.#writer, this.#reader]) {
      if (this.#chance.int(4) > 0) continue;
      this.#cuts += 1;
      const afterTurns = this.#chance.int(4);
      const cut = (turns: number): void => {
        if (turns === 0) client.mqtt.stream.destroy();
        else setImmediate(cut, turns - 1);
      };
      cut(afterTurns);
    }
  }

  /** Of this exchange. At QoS 1 a repeated one counts where it came first, and one of an exchange before not at all. */
  #heard(): readonly string[] {
    const all = this.#reader.received.map(({ text }) => text);
    return this.#qos === 2 ? all : [...new Set(all)].filter((text) => Number(text) >= this.#sent - BURST);
  }
}
