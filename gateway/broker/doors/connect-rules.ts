// What a CONNECT may bring that stays in memory as long as its client is there: an id of so many bytes, and a will where
// all wills together have room for it. What it says otherwise is bounded by the size of a first packet.
import type { Client, ConnectPacket } from 'aedes';
import type { BrokerCounters } from '../counters/counters.js';
import { ofOurs } from '../mqtt/aedes-client.js';
import type { BrokerLimits } from '../mqtt/limits.js';
import { sizeOf } from '../mqtt/packet.js';
import type { MemoryPersistence } from '../sessions/memory-persistence.js';

export interface ConnectRulesParts {
  readonly limits: Pick<BrokerLimits, 'maxClientIdBytes'>;
  readonly store: Pick<MemoryPersistence, 'hasRoomForWill'>;
  readonly counters: BrokerCounters;
}

/** MQTT 3.1.1, table 3.1. */
const IDENTIFIER_REJECTED = 2;
const UNAVAILABLE = 3;

/** As aedes wants it, which writes the code into the CONNACK. */
export type ConnectRefusal = Error & {
  readonly returnCode: typeof IDENTIFIER_REJECTED | typeof UNAVAILABLE;
};

export class ConnectRules {
  readonly #parts: ConnectRulesParts;
  /** aedes keeps a will out of its types. */
  readonly #willBytes = new WeakMap<Client, number>();

  constructor(parts: ConnectRulesParts) {
    this.#parts = parts;
  }

  announced(client: Client, { will }: Pick<ConnectPacket, 'will'>): void {
    if (will !== undefined) this.#willBytes.set(client, sizeOf(ofOurs(will)));
  }

  /** Once the client has its id: the code that its CONNACK has, and why. */
  refusalOf(client: Client): ConnectRefusal | undefined {
    const { limits, store } = this.#parts;
    if (Buffer.byteLength(client.id) > limits.maxClientIdBytes)
      return this.#refusal(
        IDENTIFIER_REJECTED,
        `a client id of more than ${String(limits.maxClientIdBytes)} bytes`,
      );
    const willBytes = this.#willBytes.get(client) ?? 0;
    if (willBytes > 0 && !store.hasRoomForWill(client, willBytes))
      return this.#refusal(UNAVAILABLE, 'no room for its will beside those of others');
    return undefined;
  }

  #refusal(returnCode: ConnectRefusal['returnCode'], why: string): ConnectRefusal {
    this.#parts.counters.breached++;
    return Object.assign(new Error(why), { returnCode });
  }
}
