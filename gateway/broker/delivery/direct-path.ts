// Our own way through the broker: gives every connection its guard, its short way in and its writer out, and knows them by
// client afterwards. Around it aedes goes on as it would without.
import type { Duplex } from 'node:stream';
import type { EventEmitter } from 'node:events';
import type { Aedes, Client, Subscription } from 'aedes';
import type { AedesClient, Announced, Granted } from '../mqtt/aedes-client.js';
import type { BrokerCounters } from '../counters/counters.js';
import { ClientDelivery } from './client.js';
import type { SessionQueue } from './parts.js';
import { tellOfGroups } from './connack.js';
import { ClientWriter } from './writer.js';
import { HeldMessages } from './held-messages.js';
import type { HeldLimits, HeldTotals } from './held-messages.js';
import type { ClientIntake } from '../intake/client.js';
import { guardConnection } from '../doors/unread-guard.js';
import type { Breach, WriteLimits } from '../doors/unread-guard.js';
import { DirectPublish } from './direct-publish.js';
import type { Emitter } from './emitter.js';
import { PublishLane } from './publish-lane.js';
import type { Readings } from '../intake/readings.js';
import { WriteTurn } from './write-turn.js';

export interface DirectPathParts {
  readonly emitter: Emitter;
  readonly intake: ClientIntake;
  readonly store: SessionQueue & { acknowledge(clientId: string, messageId: number): unknown };
  readonly limits: WriteLimits & HeldLimits & { readonly maxBacklogBytes: number };
  readonly mayReceive: (client: Client, topic: string) => boolean;
  readonly counters: BrokerCounters;
  readonly readings: Readings;
  readonly lifeMs: () => number;
}

/** As mqtt-packet parses it: what delivery listens to. */
interface Heard extends Announced {
  readonly cmd: string;
  readonly messageId?: number;
  readonly reasonCode?: number;
}

export class DirectPath {
  readonly #parts: DirectPathParts;
  readonly #publish: DirectPublish;
  readonly #turn: WriteTurn;
  readonly #held: HeldTotals = { bytes: 0 };
  readonly #byClient = new WeakMap<Client, ClientDelivery>();

  constructor(parts: DirectPathParts) {
    this.#parts = parts;
    this.#publish = new DirectPublish(parts.intake, parts.emitter, parts.lifeMs);
    this.#turn = new WriteTurn(parts.limits.maxBacklogBytes);
  }

  /** For a new connection; `breached` is told once when it goes beyond its limits and is ended. */
  open(aedes: Aedes, client: Client, stream: Duplex, breached: (breach: Breach) => void): void {
    const { limits, store, counters, readings, ...parts } = this.#parts;
    const lane = new PublishLane(client as AedesClient, {
      publish: (publish) => this.#publish.take(aedes, client, publish),
      acknowledged: (messageId) => {
        if (!client.clean) store.acknowledge(client.id, messageId);
        delivery.acknowledged(messageId);
      },
    });
    const end = guardConnection(stream, limits, counters, breached);
    const writer = new ClientWriter(stream, this.#turn, limits, counters, () => {
      end('not_reading');
    });
    const awaitsClient = (): boolean => delivery.awaitsAnswer;
    readings.open({ client, stream, end, lane, unread: writer, awaitsClient });
    const held = new HeldMessages(limits, this.#held, counters);
    const own = { queue: store, client: client as AedesClient, writer, held, counters };
    const delivery = new ClientDelivery({ ...parts, ...own });
    delivery.takeOver();
    tellOfGroups(client, stream);
    hear(client, delivery);
    this.#byClient.set(client, delivery);
  }

  /** Files a subscription that `allow` lets aedes make. */
  subscribe(client: Client, subscription: Subscription, allow: () => void): void {
    const delivery = this.#byClient.get(client);
    const { topic: filter, qos, rap, nl, subscriptionIdentifier } = subscription as Asked;
    const granted: Granted = {
      qos,
      ...(rap === true ? { rap } : {}),
      ...(nl === true ? { nl } : {}),
      ...(subscriptionIdentifier === undefined ? {} : { si: subscriptionIdentifier }),
    };
    if (delivery === undefined) allow();
    else this.#parts.emitter.bind({ filter, delivery, granted }, allow);
  }

  /** A client's session is restored. */
  restored(client: Client): void {
    const delivery = this.#byClient.get(client);
    delivery?.resume();
    delivery?.sendWaiting();
  }

  /** A client acknowledged something to aedes. */
  mayHaveMore(client: Client): void {
    this.#byClient.get(client)?.sendWaiting();
  }
}

/** A subscription as MQTT 5 asks for it, with what aedes puts to it. */
type Asked = Subscription & { readonly subscriptionIdentifier?: number };

/** From here on it is failed [MQTT-4.3.3-4]. */
const FAILED = 0x80;

/** What its client takes, and what ends a message's way to it where that does not come by the short way. */
function hear(client: Client, delivery: ClientDelivery): void {
  const { _parser: parser } = client as Client & { readonly _parser: EventEmitter };
  parser.on('packet', (packet: Heard) => {
    const { cmd, messageId, reasonCode = 0 } = packet;
    if (cmd === 'connect') delivery.announced(packet);
    if (messageId === undefined) return;
    const ends = cmd === 'puback' || cmd === 'pubcomp' || (cmd === 'pubrec' && reasonCode >= FAILED);
    if (ends) delivery.acknowledged(messageId);
  });
}
