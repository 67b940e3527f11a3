// Our own way through the broker: gives every connection its guard, its short way in and its writer out, and knows them by
// client afterwards. Around it aedes goes on as it would without.
import type { Duplex } from 'node:stream';
import type { Aedes, Client, Subscription } from 'aedes';
import type { AedesClient } from './aedes-client.js';
import type { BrokerCounters } from './broker-counters.js';
import { ClientDelivery } from './client-delivery.js';
import type { SessionQueue } from './client-delivery.js';
import { ClientWriter } from './client-writer.js';
import type { ClientIntake } from './client-intake.js';
import { guardConnection } from './connection-guard.js';
import type { Breach, ConnectionLimits } from './connection-guard.js';
import { DirectPublish } from './direct-publish.js';
import type { Emitter } from './emitter.js';
import { PublishLane } from './publish-lane.js';
import { WriteTurn } from './write-turn.js';

export interface DirectPathParts {
  readonly emitter: Emitter;
  readonly intake: ClientIntake;
  readonly store: SessionQueue & { acknowledge(clientId: string, messageId: number): unknown };
  readonly limits: ConnectionLimits & { readonly maxBacklogBytes: number };
  readonly mayReceive: (client: Client, topic: string) => boolean;
  readonly counters: BrokerCounters;
}

export class DirectPath {
  readonly #parts: DirectPathParts;
  readonly #publish: DirectPublish;
  readonly #turn: WriteTurn;
  readonly #byClient = new WeakMap<Client, ClientDelivery>();

  constructor(parts: DirectPathParts) {
    this.#parts = parts;
    this.#publish = new DirectPublish(parts.intake, parts.emitter);
    this.#turn = new WriteTurn(parts.limits.maxBacklogBytes);
  }

  /** For a new connection; `breached` is told once when it goes beyond its limits and is ended. */
  open(aedes: Aedes, client: Client, stream: Duplex, breached: (breach: Breach) => void): void {
    const { limits, store, counters, ...parts } = this.#parts;
    const lane = new PublishLane(client as AedesClient, {
      publish: (publish) => this.#publish.take(aedes, client, publish),
      acknowledged: (messageId) => {
        if (client.clean) return;
        store.acknowledge(client.id, messageId);
        delivery.sendWaiting();
      },
    });
    const end = guardConnection(stream, limits, counters, breached, lane);
    const writer = new ClientWriter(stream, this.#turn, limits, counters, () => {
      end('not_reading');
    });
    const own = { queue: store, client: client as AedesClient, writer, counters };
    const delivery = new ClientDelivery({ ...parts, ...own });
    delivery.takeOver();
    this.#byClient.set(client, delivery);
  }

  /** Files a subscription that `allow` lets aedes make. */
  subscribe(client: Client, { topic: filter, qos }: Subscription, allow: () => void): void {
    const delivery = this.#byClient.get(client);
    if (delivery === undefined) allow();
    else this.#parts.emitter.bind({ filter, delivery, qos }, allow);
  }

  /** A client's session is restored, or it acknowledged something to aedes. */
  mayHaveMore(client: Client): void {
    this.#byClient.get(client)?.sendWaiting();
  }
}
