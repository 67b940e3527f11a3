// A short visit to a broker beside the gateway's own connection, under a name of its own and without a session: to look
// what is retained there, and to clear it.
import { randomBytes } from 'node:crypto';
import type { IPublishPacket, MqttClient } from 'mqtt';
import type { Clock } from '../../../shared/ports.js';
import { filterMatches } from '../mqtt/topic-filter.js';
import { digestOf } from './received.js';
import type { BrokerUrl } from './link/broker-url.js';
import { within } from '../../../shared/within.js';

export interface Visitor {
  /** The payload; undefined where nothing is retained. */
  retained(topic: string): Promise<Uint8Array | undefined>;
  /**
   * What is retained at the filters and comes without the retain flag: the digest of each, and its topic for people.
   * `statusTopic` has a retained message, which tells that all before it came.
   */
  hidden(filters: readonly string[], statusTopic: string): Promise<ReadonlyMap<string, string>>;
  /** Resolves when the broker has acknowledged it. */
  clear(topic: string): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5000;
/** A retained message follows its SUBACK at once. */
const RETAINED_PATIENCE_MS = 2000;
const VISIT_MS = 60_000;
/** Messages that a burst remembers, however large somebody else's broker makes them: of each what `Heard` keeps. */
export const MOST_HEARD = 10_000;
const SHOWN_CHARS = 200;
/** Ends before, with the status: only a broker under load takes long. */
const BURST_PATIENCE_MS = 10_000;

/** Rejects with why the broker was not reached, or did not do what was asked. */
export async function visit<T>(
  url: BrokerUrl,
  clock: Clock,
  work: (visitor: Visitor) => Promise<T>,
): Promise<T> {
  const client = await connected(url);
  try {
    // A connection that ends leaves its questions without an answer.
    const lost = new Promise<never>((_, reject) => {
      client.once('close', () => {
        reject(new Error('the broker closed the connection'));
      });
    });
    const done = Promise.race([work(visitorOf(client, clock)), lost]);
    if ((await within(done, VISIT_MS, clock)) === 'given_up') throw new Error('the broker does not answer');
    return await done;
  } finally {
    client.end(true);
  }
}

async function connected(url: BrokerUrl): Promise<MqttClient> {
  try {
    return await connect(url, 5);
  } catch {
    // One that refuses MQTT 5 may take 3.1.1; any other reason is told again.
    return connect(url, 4);
  }
}

async function connect(
  { address, username, password }: BrokerUrl,
  protocolVersion: 4 | 5,
): Promise<MqttClient> {
  const { default: mqtt } = await import('mqtt');
  const client = mqtt.connect(address, {
    clientId: `i2c-mqtt-gateway-visit-${randomBytes(6).toString('hex')}`,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    protocolVersion,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  return new Promise((resolve, reject) => {
    client.once('connect', () => {
      resolve(client);
    });
    // Stays for the whole visit: an error nobody listens to would end the process. The connection closes behind it.
    client.on('error', (error) => {
      reject(error);
      client.end(true);
    });
    client.once('close', () => {
      reject(new Error('the broker closed the connection'));
      client.end(true);
    });
  });
}

function visitorOf(client: MqttClient, clock: Clock): Visitor {
  return {
    async retained(topic) {
      const first = new Promise<Uint8Array>((resolve) => {
        client.on('message', (heard, payload) => {
          if (heard === topic) resolve(payload);
        });
      });
      const granted = await client.subscribeAsync(topic, { qos: 1 });
      if (granted.some(({ qos }) => qos >= 128))
        throw new Error(`the broker refuses a subscription to ${topic}`);
      return (await within(first, RETAINED_PATIENCE_MS, clock)) === 'ended' ? first : undefined;
    },
    async hidden(filters, statusTopic) {
      const first = await burst(client, clock, filters, statusTopic);
      if (first.isFlagSeen) return new Map();
      // A live message comes once, a retained one at every subscription.
      const second = await burst(client, clock, filters, statusTopic);
      return new Map([...first.digests].filter(([digest]) => second.digests.has(digest)));
    },
    async clear(topic) {
      await client.publishAsync(topic, '', { qos: 1, retain: true });
    },
  };
}

/** What came of the filters: 44 characters of each message, and the beginning of its topic. */
export class Heard {
  readonly #filters: readonly string[];
  readonly #digests = new Map<string, string>();
  #isFlagSeen = false;

  constructor(filters: readonly string[]) {
    this.#filters = filters;
  }

  get digests(): ReadonlyMap<string, string> {
    return this.#digests;
  }

  /** Whether the broker handed anything over as retained. */
  get isFlagSeen(): boolean {
    return this.#isFlagSeen;
  }

  note(topic: string, payload: Buffer, isRetained: boolean): void {
    this.#isFlagSeen ||= isRetained;
    if (this.#digests.size >= MOST_HEARD) return;
    if (!this.#filters.some((filter) => filterMatches(filter, topic))) return;
    this.#digests.set(digestOf({ topic, payload }), topic.slice(0, SHOWN_CHARS));
  }
}

/** What comes from the subscription to the last retained message. */
async function burst(
  client: MqttClient,
  clock: Clock,
  filters: readonly string[],
  statusTopic: string,
): Promise<Heard> {
  const heard = new Heard(filters);
  let ended = (): void => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const hear = (topic: string, payload: Buffer, { retain }: IPublishPacket): void => {
    heard.note(topic, payload, retain);
    if (topic === statusTopic) ended();
  };
  client.on('message', hear);
  await client.subscribeAsync([...filters], { qos: 1 });
  await client.subscribeAsync(statusTopic, { qos: 1 });
  await within(end, BURST_PATIENCE_MS, clock);
  await client.unsubscribeAsync([...filters, statusTopic]);
  client.off('message', hear);
  return heard;
}
