// Who gets the messages of a topic. Found once for a topic and kept until somebody's subscriptions or rights change: in
// between, delivery costs no matching of filters and no asking for rights.
import type { QoS } from '../../shared/ports.js';
import type { ClientDelivery } from './client-delivery.js';
import type { StoredPacket } from './packet.js';
import { FilterTrie } from './topic-filter.js';

export type Deliver = (packet: StoredPacket, done: () => void) => void;

export interface Subscriber {
  readonly deliver: Deliver;
  /** The client that stands behind it, and the QoS it was granted; absent for who listens within the process. */
  readonly behind?: { readonly delivery: ClientDelivery; readonly qos: QoS };
}

export interface Receiver {
  readonly delivery: ClientDelivery;
  qos: QoS;
}

export interface Route {
  readonly handlers: readonly Deliver[];
  /** Each client once, with the highest QoS of its filters that match [MQTT-3.3.5-1]. */
  readonly receivers: readonly Receiver[];
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
    this.#byDeliver.set(subscriber.deliver, subscriber);
    this.#subscribers.add(filter, subscriber);
    this.forget();
  }

  remove(filter: string, deliver: Deliver): void {
    const subscriber = this.#byDeliver.get(deliver);
    if (subscriber === undefined) return;
    this.#byDeliver.delete(deliver);
    this.#subscribers.remove(filter, subscriber);
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
  const receivers = new Map<ClientDelivery, Receiver>();
  for (const { deliver, behind } of subscribers) {
    if (behind === undefined) {
      handlers.push(deliver);
      continue;
    }
    const { delivery, qos } = behind;
    const receiver = receivers.get(delivery);
    if (receiver === undefined) receivers.set(delivery, { delivery, qos });
    else if (receiver.qos < qos) receiver.qos = qos;
  }
  const all = [...receivers.values()];
  const allowed = all.filter(({ delivery }) => delivery.mayReceive(topic));
  const refused = all.map(({ delivery }) => delivery).filter((delivery) => !delivery.mayReceive(topic));
  return { handlers, receivers: allowed, refused };
}
