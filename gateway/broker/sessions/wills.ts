// The wills of connected clients, and those that clients of an earlier run left.
import { storedOf } from '../mqtt/packet.js';
import type { PacketOfAedes } from '../mqtt/packet.js';
import type { BrokerRef, ClientRef } from './persistence-state.js';
import type { Fact, Will } from './fact.js';
import type { Sessions } from './sessions.js';

export class Wills {
  readonly #sessions: Sessions;
  readonly #decide: (fact: Fact) => void;
  /** The connections whose wills they are. */
  readonly #leftBy = new WeakMap<Will, ClientRef>();

  constructor(sessions: Sessions, decide: (fact: Fact) => void) {
    this.#sessions = sessions;
    this.#decide = decide;
  }

  put(client: ClientRef, packet: PacketOfAedes, brokerId: string, user: string | undefined): void {
    const known = { brokerId, clientId: client.id };
    const will = Object.assign(storedOf(packet), known, user === undefined ? {} : { user });
    this.#leftBy.set(will, client);
    this.#decide(['will', will]);
  }

  of(clientId: string): Will | undefined {
    return this.#sessions.get(clientId)?.will;
  }

  /**
   * Of the connection that asks, by client id: of a client that is taken over the old connection asks last, when the
   * new one has left its own will already.
   */
  take(client: ClientRef): Will | undefined {
    const will = this.of(client.id);
    const owner = will === undefined ? undefined : this.#leftBy.get(will);
    if (owner !== undefined && owner !== client && owner.closed === false) return undefined;
    if (will !== undefined) this.#decide(['willGone', client.id]);
    return will;
  }

  /** What clients of an earlier run left: nobody will say DISCONNECT for them any more. */
  takeLeft(broker: BrokerRef | undefined): Will[] {
    const left = [...this.#sessions.wills()].filter(({ brokerId }) => brokerId !== broker?.id);
    for (const { clientId } of left) this.#decide(['willGone', clientId]);
    return left;
  }

  /**
   * Those left by brokers that are not among the living. This one lives, whatever aedes thinks after the clock was set
   * forward: it takes a broker for dead that has not been heard of for three minutes by the wall clock.
   */
  ofDead(broker: BrokerRef | undefined, alive: Readonly<Record<string, unknown>>): Will[] {
    return [...this.#sessions.wills()].filter(
      ({ brokerId }) => alive[brokerId] === undefined && brokerId !== broker?.id,
    );
  }

  all(): Will[] {
    return [...this.#sessions.wills()];
  }
}
