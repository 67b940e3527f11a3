// The page's one connection: MQTT over WebSocket, an MQTT client like any other, with one subscription.
import mqtt, { type MqttClient } from 'mqtt';
import { Topics } from '../../../../shared/topics.js';
import { ExactTopics } from './exact-topics.js';
import { newId } from './new-id.js';
import { NothingKept } from './nothing-kept.js';
import type { Site } from './site.js';
import { filtersBelow, placeOf } from './topic-levels.js';

const RECONNECT_MS = 2000;
/** MQTT 3.1.1: bad user name or password, not authorised; MQTT 5: the same. */
const REFUSED: ReadonlySet<unknown> = new Set([4, 5, 0x86, 0x87]);

export interface ConnectionOptions {
  readonly url: string;
  readonly gateway: string;
  readonly login?: { readonly user: string; readonly password: string };
  /** The broker wants another name or password. */
  readonly onRefused: () => void;
}

export class Connection {
  readonly #client: MqttClient;
  readonly #site: Site;

  constructor(site: Site, { url, gateway, login, onRefused }: ConnectionOptions) {
    this.#site = site;
    const client = mqtt.connect(url, {
      clientId: `page-${newId()}`,
      // A timer of its own would need a worker from a blob, which the page's content policy forbids.
      ...{ timerVariant: 'native', reconnectPeriod: RECONNECT_MS, resubscribe: false },
      outgoingStore: new NothingKept(),
      ...(login === undefined ? {} : { username: login.user, password: login.password }),
    });
    this.#client = client;
    const exactTopics = new ExactTopics(site.base, (topics) => {
      client.subscribe(topics, { qos: 1 });
    });
    client.on('connect', () => {
      site.connection('live');
      exactTopics.connected();
      client.subscribe([...filtersBelow(site.base)], { qos: 1 });
      exactTopics.gateway(gateway);
    });
    client.on('message', (topic, payload, { retain }) => {
      const place = placeOf(site.base, topic);
      if (place === undefined) return;
      exactTopics.seen(topic);
      exactTopics.gateway(place.gateway);
      if (place.kind === 'info') exactTopics.info(place.gateway, payload);
      site.receive(topic, payload, retain);
    });
    client.on('close', () => {
      site.connection('away', site.whyAway);
    });
    client.on('error', (error) => {
      site.connection('away', error.message);
      if ('code' in error && REFUSED.has(error.code)) onRefused();
    });
  }

  /**
   * Not kept for later, as MQTT.js would: a pump must not start when the connection comes back in an hour. Never settles
   * where the connection goes before the broker has it.
   */
  async command(gateway: string, device: string, name: string, text: string): Promise<void> {
    if (!this.#client.connected) throw new Error('no connection');
    const topics = new Topics(this.#site.base, gateway);
    await this.#client.publishAsync(topics.command(device, name), text, { qos: 1 });
  }

  end(): void {
    this.#client.removeAllListeners('close');
    this.#client.end(true);
  }
}
