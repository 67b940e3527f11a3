// Which filters a client gets. One that is answered with 0x80 is not subscribed, neither now nor when its session comes back:
// aedes would keep it with the session. What may be read of a filter is asked at every delivery.
import type { Aedes, Client, Subscription } from 'aedes';
import type { RepeatedLines } from '../../logging/repeated-lines.js';
import type { Access } from './access.js';
import type { AedesClient } from '../mqtt/aedes-client.js';
import { nameOf, type Identities } from '../doors/identities.js';
import { matchedBy, nameOutside } from '../mqtt/shared-filter.js';
import type { MemoryPersistence } from '../sessions/memory-persistence.js';
import type { SubscriptionCount } from './subscription-count.js';

export interface SubscribingParts {
  readonly access: Access;
  readonly identities: Identities;
  readonly count: SubscriptionCount;
  readonly store: Pick<
    MemoryPersistence,
    'addSubscriptions' | 'removeSubscriptions' | 'hasRoomFor' | 'retained'
  >;
  readonly lines: RepeatedLines;
}

/** Of one SUBSCRIBE, in the log. */
const MOST_NAMED = 5;
/** MQTT 3.1.1 §3.9.3; from there on it is a failure of MQTT 5, too (§3.9.3 there). */
const FAILURE = 0x80;

export class Subscribing {
  readonly #parts: SubscribingParts;

  constructor(parts: SubscribingParts) {
    this.#parts = parts;
  }

  /**
   * One that a session brings back was granted before and is not asked about again: as with Mosquitto, rights that were
   * taken away and are given back need no new SUBSCRIBE.
   */
  admits(client: Client, filter: string): boolean {
    const { access, identities, count, store } = this.#parts;
    // Who had to wait may be gone.
    if (client.closed || !identities.isLetIn(client)) return false;
    const isRestored = !(client as AedesClient).connackSent;
    const may = isRestored || access.maySubscribe(identities.userOf(client), client.id, matchedBy(filter));
    const isKept = client.clean || isRestored || store.hasRoomFor(client, filter);
    return may && isKept && count.admit(client, filter);
  }

  /** Calls back when the client's filter may be decided on: after its last SUBSCRIBE has all its retained messages. */
  inTurn(client: Client, decide: () => void): void {
    if ((client as AedesClient).connackSent) this.#parts.store.retained.walks.whenFree(client, decide);
    else decide();
  }

  /** Hears what became of the filters. */
  listen(aedes: Aedes): void {
    aedes.on('subscribe', (subscriptions, client) => {
      this.#parts.store.retained.walks.asks(client);
      this.#answered(subscriptions, client);
    });
    aedes.on('unsubscribe', (filters, client) => {
      this.#parts.count.remove(client, filters);
    });
  }

  #answered(subscriptions: readonly Subscription[], client: Client): void {
    const { store, identities, lines } = this.#parts;
    const isRefused = ({ qos }: { readonly qos: number }): boolean => qos >= FAILURE;
    const refused = subscriptions.filter(isRefused).map(({ topic }) => topic);
    if (refused.length === 0) return;
    const named = refused.slice(0, MOST_NAMED).map((filter) => nameOutside(filter).slice(0, 100));
    const who = identities.factsOf(client);
    const facts = { ...who, refused: refused.length, filters: named };
    lines.say(
      'info',
      nameOf(who),
      facts,
      'refused filters that the user may not read, or that are over a limit',
    );
    // It may have had the filter while it had the right.
    const had = refused.filter((filter) => filter in (client as AedesClient).subscriptions);
    if (had.length > 0) client.unsubscribe({ cmd: 'unsubscribe', unsubscriptions: had }, ignore);
    if (client.clean) return;
    store.removeSubscriptions(client, refused);
    // Where there are few places left, the refused ones may have taken those of the others.
    store.addSubscriptions(
      client,
      subscriptions.filter((subscription) => !isRefused(subscription)),
    );
  }
}

function ignore(): void {
  // It is done in this turn; aedes would tell of a filter that is none, and those end the connection.
}
