// Which filters a client gets. One that is answered with 0x80 is not subscribed, neither now nor when its session comes back:
// aedes would keep it with the session (DESIGN §7). What may be read of a filter is asked at every delivery.
import type { Aedes, Client, Subscription } from 'aedes';
import type { Log } from '../../shared/ports.js';
import type { Access } from './access.js';
import type { AedesClient } from './aedes-client.js';
import type { Identities } from './identities.js';
import type { MemoryPersistence } from './memory-persistence.js';
import type { SubscriptionCount } from './subscription-count.js';

export interface SubscribingParts {
  readonly access: Access;
  readonly identities: Identities;
  readonly count: SubscriptionCount;
  readonly store: Pick<MemoryPersistence, 'addSubscriptions' | 'removeSubscriptions'>;
  readonly log: Log;
}

/** Of one SUBSCRIBE, in the log. */
const MOST_NAMED = 5;
/** MQTT 3.1.1 §3.9.3. */
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
    const { access, identities, count } = this.#parts;
    const isRestored = !(client as AedesClient).connackSent;
    const may = isRestored || access.maySubscribe(identities.userOf(client), client.id, filter);
    return may && count.admit(client, filter);
  }

  /** Hears what became of the filters. */
  listen(aedes: Aedes): void {
    aedes.on('subscribe', (subscriptions, client) => {
      this.#answered(subscriptions, client);
    });
    aedes.on('unsubscribe', (filters, client) => {
      this.#parts.count.remove(client, filters);
    });
  }

  #answered(subscriptions: readonly Subscription[], client: Client): void {
    const { store, identities, log } = this.#parts;
    const isRefused = ({ qos }: { readonly qos: number }): boolean => qos === FAILURE;
    const refused = subscriptions.filter(isRefused).map(({ topic }) => topic);
    if (refused.length === 0) return;
    const named = refused.slice(0, MOST_NAMED).map((filter) => filter.slice(0, 100));
    const facts = { ...identities.factsOf(client), refused: refused.length, filters: named };
    log.info(facts, 'refused filters that the user may not read, or that are over a limit');
    // It may have had the filter while it had the right.
    client.unsubscribe({ cmd: 'unsubscribe', unsubscriptions: refused }, ignore);
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
