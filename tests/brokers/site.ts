// What stands around a broker while its row is measured: the real gateway, a recorder alone, and a client that sees all.
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import type { CommandEntry } from '../../shared/logbook.js';
import type { RecordedSample } from '../../shared/sample.js';
import { runToEnd, startGateway, type GatewayProcess } from '../support/gateway-process.js';
import { connectClient, type Received, type TestClient } from '../support/mqtt/client.js';
import { startRecorder, type RecorderProcess } from '../support/recorder-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/waiting.js';
import type { RunningBroker } from './running-broker.js';
import { ROOT } from './sender.js';

/** Two of the example's: simulated processors cost real ones. */
export const SITE_DEVICES = ['tank-1', 'lamp-1'];
/** Not all: a broker that is slow to hand over what the senders publish would tell the rest late. */
const WATCHED = ['status', 'device/lamp-1/reply/+', 'device/lamp-1/telemetry'].map(
  (topic) => `${ROOT}/${topic}`,
);
const START_LIMIT_MS = 60_000;
const SETTLE_LIMIT_MS = 60_000;
/** The health topic's numbers, which the metrics are, are as old as 10 s. */
const SETTLE_STEP_MS = 11_000;
const OWN_SAMPLES_AT_MOST = 40;

export interface TracedTransaction {
  readonly priority: string;
  readonly write?: string;
}

export class Site {
  readonly t: TestContext;
  readonly broker: RunningBroker;
  readonly watcher: TestClient;
  readonly recorder: RecorderProcess;
  readonly #dataDir: string;
  #gateway: GatewayProcess | undefined;

  constructor(
    t: TestContext,
    broker: RunningBroker,
    parts: { readonly watcher: TestClient; readonly recorder: RecorderProcess; readonly dataDir: string },
  ) {
    this.t = t;
    this.broker = broker;
    this.watcher = parts.watcher;
    this.recorder = parts.recorder;
    this.#dataDir = parts.dataDir;
  }

  /** A real MQTT 3.1.1 client, which every broker of the table speaks. */
  async client(options: Parameters<typeof connectClient>[2] = {}): Promise<TestClient> {
    return connectClient(this.t, this.broker.url, { protocolVersion: 4, ...options });
  }

  /** Resolves when the gateway said online at the broker and its devices answer. */
  async startGateway(): Promise<void> {
    const from = this.watcher.received.length;
    const args = ['--no-broker', '--mqtt', this.broker.url];
    this.#gateway = await startGateway(this.t, {
      args,
      dataDir: this.#dataDir,
      limitMs: START_LIMIT_MS,
      change: ({ devices }) => {
        for (const id of Object.keys(devices))
          if (!SITE_DEVICES.includes(id)) Reflect.deleteProperty(devices, id);
      },
    });
    await this.seen(from, 'the gateway online', says('status', '"state":"online"'));
    await this.seen(from, 'a sample of the lamp', says('device/lamp-1/telemetry', '"level"'));
  }

  /** What the gateway printed last. */
  said(): string {
    return this.#gateway?.output().slice(-2000) ?? '';
  }

  async endGateway(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#gateway?.end(signal);
    this.#gateway = undefined;
  }

  /** Resolves with the first message since `from` that is meant. */
  async seen(from: number, what: string, meant: (message: Received) => boolean): Promise<Received> {
    return until(what, () => this.watcher.received.slice(from).find(meant), START_LIMIT_MS);
  }

  /** As `seen`, and undefined where it does not come: that is a result, too. */
  async seenWithin(
    from: number,
    limitMs: number,
    meant: (message: Received) => boolean,
  ): Promise<Received | undefined> {
    const end = performance.now() + limitMs;
    for (;;) {
      const found = this.watcher.received.slice(from).find(meant);
      if (found !== undefined || performance.now() > end) return found;
      await sleep(20);
    }
  }

  /** The gateway's own word, over HTTP: no broker is asked. Of all labels together. */
  async metric(name: string): Promise<number> {
    const response = await fetch(`${this.#page()}/metrics`);
    const lines = (await response.text()).matchAll(
      new RegExp(`^i2c_mqtt_gateway_${name}(?:{.*})? (\\S+)$`, 'gm'),
    );
    return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  /** Resolves when the broker hands over no more of what others sent: the gateway's own samples are fewer than that. */
  async settled(): Promise<void> {
    const end = performance.now() + SETTLE_LIMIT_MS;
    let before = -Infinity;
    while (performance.now() < end) {
      const samples = await this.metric('recorder_samples_total');
      if (samples - before < OWN_SAMPLES_AT_MOST) return;
      before = samples;
      await sleep(SETTLE_STEP_MS);
    }
  }

  /** The lamp's last transactions, as the gateway had them on the bus. */
  async trace(): Promise<readonly TracedTransaction[]> {
    const body = JSON.stringify({ device: 'lamp-1', last: 100 });
    const response = await fetch(`${this.#page()}/api/request/trace`, { method: 'POST', body });
    const { devices } = ((await response.json()) as { data: TraceAnswer }).data;
    return devices['lamp-1'] ?? [];
  }

  /** Of the gateway's data folder, when it is stopped. */
  async recorded(device: string, dataDir = this.#dataDir): Promise<RecordedSample[]> {
    return this.#lines<RecordedSample>(['export', device, '--data', dataDir]);
  }

  async commands(device: string): Promise<CommandEntry[]> {
    return this.#lines<CommandEntry>(['logbook', device, '--commands', '--json', '--data', this.#dataDir]);
  }

  async #lines<T>(words: readonly string[]): Promise<T[]> {
    const { output } = await runToEnd(this.t, words);
    const lines = output.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as T);
  }

  #page(): string {
    if (this.#gateway === undefined) throw new Error('no gateway runs');
    return this.#gateway.pageUrl.replace(/\/$/, '');
  }
}

interface TraceAnswer {
  readonly devices: Readonly<Record<string, readonly TracedTransaction[]>>;
}

/** A message on that topic of the gateway's with that in it. */
export function says(topic: string, text: string): (message: Received) => boolean {
  return (message) => message.topic === `${ROOT}/${topic}` && message.text.includes(text);
}

/** The gateway is not started yet. */
export async function buildSite(t: TestContext, broker: RunningBroker): Promise<Site> {
  const watcher = await connectClient(t, broker.url, { protocolVersion: 4, reconnectPeriod: 300 });
  await watcher.mqtt.subscribeAsync(WATCHED, { qos: 1 });
  const recorder = await startRecorder(t, broker.url);
  return new Site(t, broker, { watcher, recorder, dataDir: await temporaryFolder(t) });
}
