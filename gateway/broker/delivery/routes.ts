// Who gets the messages of a topic. Found once for a topic and kept until somebody's subscriptions or rights change: in
// between, delivery costs no matching of filters and no asking for rights.
import type { ClientDelivery } from './client.js';
import { grantOf } from './grant.js';
import type { Grant } from './grant.js';
import type { Granted } from '../mqtt/aedes-client.js';
import type { StoredPacket } from '../mqtt/packet.js';
import { isShared, matchedBy } from '../mqtt/shared-filter.js';
import { FilterTrie } from '../mqtt/topic-filter.js';

export type Deliver = (packet: StoredPacket, done: () => void) => void;

export interface Subscriber {
  readonly deliver: Deliver;
  /** Of a shared subscription. */
  readonly group?: string;
  /** The client that stands behind it, and what it was granted; absent for who listens within the process. */
  readonly behind?: { readonly delivery: ClientDelivery; readonly granted: Granted };
}

interface Member {
  readonly delivery: ClientDelivery;
  readonly granted: Granted;
}

export interface Receiver {
  readonly delivery: ClientDelivery;
  readonly grant: Grant;
  /** Of its own messages: without the filters with No Local; undefined where all are [MQTT-3.8.3-3]. */
  readonly ofOwn: Grant | undefined;
}

/** Who shares a subscription: one of them gets each message. */
export interface Group {
  /** Of the subscription, as it is called within the broker. */
  readonly name: string;
  /** Those that have the right to read the topic. */
  readonly members: readonly Receiver[];
}

export interface Route {
  readonly handlers: readonly Deliver[];
  /** Each client once. */
  readonly receivers: readonly Receiver[];
  readonly groups: readonly Group[];
  /** Subscribed, but without the right to read the topic. */
  readonly refused: readonly ClientDelivery[];
}

/** Topics are made up by clients: beyond this all are found anew. */
const MOST_ROUTES = 10_000;

export class Routes {
  readonly #subscribers = new FilterTrie<Subscriber>();
  readonly #byDeliver = new Map<Deliver, Subscriber>();
  readonly #routes = new Map<string, Route>();

  add(filter: string, subscriber: Subscriber): void {
    const filed = isShared(filter) ? { ...subscriber, group: filter } : subscriber;
    this.#byDeliver.set(subscriber.deliver, filed);
    this.#subscribers.add(matchedBy(filter), filed);
    this.forget();
  }

  remove(filter: string, deliver: Deliver): void {
    const subscriber = this.#byDeliver.get(deliver);
    if (subscriber === undefined) return;
    this.#byDeliver.delete(deliver);
    this.#subscribers.remove(matchedBy(filter), subscriber);
    this.forget();
  }

  /** Rights changed. */
  forget(): void {
    if (this.#routes.size > 0) this.#routes.clear();
  }

  of(topic: string): Route {
    const known = this.#routes.get(topic);
    if (known !== undefined) return known;
    const route = routeTo(topic, this.#subscribers.match(topic));
    if (this.#routes.size >= MOST_ROUTES) this.#routes.clear();
    this.#routes.set(topic, route);
    return route;
  }
}

function routeTo(topic: string, subscribers: readonly Subscriber[]): Route {
  const handlers: Deliver[] = [];
  const granted = new Map<ClientDelivery, Granted[]>();
  const groups = new Map<string, Member[]>();
  for (const { deliver, behind, group } of subscribers) {
    if (behind === undefined) {
      handlers.push(deliver);
      continue;
    }
    if (group !== undefined) {
      const members = groups.get(group);
      if (members === undefined) groups.set(group, [behind]);
      else members.push(behind);
      continue;
    }
    const known = granted.get(behind.delivery);
    if (known === undefined) granted.set(behind.delivery, [behind.granted]);
    else known.push(behind.granted);
  }
  const all = [...granted.keys()];
  const refused = all.filter((delivery) => !delivery.mayReceive(topic));
  const receivers = [...granted]
    .filter(([delivery]) => delivery.mayReceive(topic))
    .map(([delivery, filters]) => receiver(delivery, filters));
  return {
    handlers,
    receivers,
    groups: [...groups].map(([name, members]) => groupOf(name, members, topic)),
    refused,
  };
}

function groupOf(name: string, all: readonly Member[], topic: string): Group {
  const members = all
    .filter(({ delivery }) => delivery.mayReceive(topic))
    .map(({ delivery, granted }) => receiver(delivery, [granted]));
  return { name, members };
}

function receiver(delivery: ClientDelivery, filters: readonly Granted[]): Receiver {
  const grant = grantOf(filters);
  const others = filters.filter(({ nl }) => nl !== true);
  if (others.length === filters.length) return { delivery, grant, ofOwn: grant };
  return { delivery, grant, ofOwn: others.length === 0 ? undefined : grantOf(others) };
}
