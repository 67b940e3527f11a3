// Clients with sensors of their own that publish through every fault, and a listener who sees what went through.
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { identityOf, type Sample } from '../../../shared/sample.js';
import type { Random } from '../../support/random.js';

export const ROOT = 'iot/greenhouse';
/** Messages one client has under way. */
const UNDER_WAY = 8;
/** Beyond the pauses that acknowledgements make: some 60 a second for each client. */
const PAUSE_MS = 16;
/** Of a hundred samples so many are sent again much later, as a client does that lost its own record of them. */
const REPEATED_PERCENT = 5;

/** Comes back by itself, and sends again what was not acknowledged: MQTT.js does, below the same packet ids. */
function connectForEver(t: TestContext, url: string): MqttClient {
  const client = mqtt.connect(url, { reconnectPeriod: 40, connectTimeout: 3000, keepalive: 5 });
  // Connections break all the time here.
  client.on('error', () => undefined);
  t.after(() => client.endAsync(true));
  return client;
}

export interface ChaosClientOptions {
  /** Without: it gets its identity from the gateway, at least once. */
  readonly withIdentity?: boolean;
  readonly root?: string;
  readonly pauseMs?: number;
}

export class ChaosClient {
  readonly device: string;
  /** Every sample ever handed to MQTT.js, by identity. */
  readonly sent = new Map<string, number>();
  readonly acknowledged = new Set<string>();
  readonly #client: MqttClient;
  readonly #random: Random;
  readonly #withIdentity: boolean;
  readonly #boot: string;
  readonly #topic: string;
  readonly #pauseMs: number;
  /** Of today: what is older than `recorder.keep` is deleted as it should be. */
  readonly #firstTs = Date.now();
  readonly #underWay = new Set<Promise<void>>();
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(t: TestContext, url: string, device: string, random: Random, options: ChaosClientOptions = {}) {
    const { withIdentity = true, root = ROOT, pauseMs = PAUSE_MS } = options;
    this.#pauseMs = pauseMs;
    this.device = device;
    this.#topic = `${root}/device/${device}/telemetry`;
    this.#client = connectForEver(t, url);
    this.#random = random;
    this.#withIdentity = withIdentity;
    this.#boot = `chaos-${String(random.seed)}`;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when all that was sent is acknowledged. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    const known: number[] = [];
    for (let seq = 0; !this.#stopping; seq += 1) {
      while (this.#underWay.size >= UNDER_WAY) await Promise.race(this.#underWay);
      this.#send(seq);
      known.push(seq);
      if (this.#withIdentity && this.#random.int(100) < REPEATED_PERCENT) {
        this.#send(this.#random.of(known));
      }
      await sleep(this.#pauseMs);
    }
  }

  #send(seq: number): void {
    const identity = identityOf({ boot: this.#boot, device: this.device, seq });
    const own = this.#withIdentity ? { boot: this.#boot, seq } : {};
    const sample = { ts: this.#firstTs + seq, ...own, values: { n: seq } };
    this.sent.set(identity, seq);
    const publishing = this.#untilAcknowledged(JSON.stringify(sample))
      .then(() => {
        this.acknowledged.add(identity);
      })
      .finally(() => this.#underWay.delete(publishing));
    this.#underWay.add(publishing);
  }

  /** MQTT.js sends again by itself, but gives a message back that it was handed while a connection broke. */
  async #untilAcknowledged(payload: string): Promise<void> {
    for (;;) {
      try {
        await this.#client.publishAsync(this.#topic, payload, { qos: 1 });
        return;
      } catch {
        await sleep(PAUSE_MS);
      }
    }
  }
}

/** What a subscriber saw was acknowledged before: with it the poller's samples can be asked for. */
export class ChaosListener {
  readonly seen = new Map<string, Sample>();

  constructor(t: TestContext, url: string, root = ROOT) {
    const client = connectForEver(t, url);
    client.on('connect', () => {
      client.subscribe(`${root}/device/+/telemetry`, { qos: 1 });
    });
    client.on('message', (topic, payload) => {
      const device = topic.split('/')[3];
      const message = JSON.parse(payload.toString()) as Partial<Sample>;
      if (device !== undefined && isSample(message))
        this.seen.set(identityOf({ ...message, device }), message);
    });
  }
}

function isSample(message: Partial<Sample>): message is Sample {
  return message.boot !== undefined && message.seq !== undefined;
}
