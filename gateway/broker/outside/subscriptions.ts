// Who within the gateway listens to which filter of an outside broker, and which of them a message is for.
import { GatewayError } from '../../../shared/errors.js';
import type { Message } from '../../../shared/ports.js';
import type { Subscription } from './link/connection.js';
import { filterMatches } from '../mqtt/topic-filter.js';

type Plain = (message: Message) => void;
type BeforeAck = (message: Message) => Promise<void>;

interface Entry extends Subscription {
  readonly plain: Set<Plain>;
  beforeAck: BeforeAck | undefined;
  /** The broker knows it. */
  active: boolean;
}

export class OutsideSubscriptions {
  readonly #entries = new Map<string, Entry>();
  /** Filters nobody listens to any more while there was no connection to say so. */
  readonly #abandoned = new Set<string>();
  #lastIdentifier = 0;

  /** Returns what takes the handler out again; true when it was the filter's last. */
  add(filter: string, handler: Plain): () => boolean {
    const entry = this.#entry(filter);
    // Its own function: the same handler may listen twice.
    const own: Plain = (message) => {
      handler(message);
    };
    entry.plain.add(own);
    return () => entry.plain.delete(own) && this.#tidy(entry);
  }

  /** At most one a filter: two that both must agree would make an acknowledgement mean two things. */
  addBeforeAck(filter: string, handler: BeforeAck): () => boolean {
    const entry = this.#entry(filter);
    if (entry.beforeAck !== undefined) {
      throw new GatewayError('internal', `${filter} already has a handler before the acknowledgement`);
    }
    entry.beforeAck = handler;
    return () => {
      if (entry.beforeAck !== handler) return false;
      entry.beforeAck = undefined;
      return this.#tidy(entry);
    };
  }

  /**
   * The handlers of a message. By the identifiers of the subscriptions it came by, so that a broker which sends it once
   * for every filter does not make it many; an identifier of an earlier run is believed only where its filter fits.
   */
  handlersOf(
    topic: string,
    identifiers: readonly number[],
  ): { readonly plain: Plain[]; readonly beforeAck: BeforeAck[] } {
    const matching = [...this.#entries.values()].filter(({ filter }) => filterMatches(filter, topic));
    const named = matching.filter(({ identifier }) => identifiers.includes(identifier));
    const entries = named.length > 0 ? named : matching;
    return {
      plain: entries.flatMap(({ plain }) => [...plain]),
      beforeAck: entries.flatMap(({ beforeAck }) => beforeAck ?? []),
    };
  }

  subscriptionOf(filter: string): Subscription | undefined {
    return this.#entries.get(filter);
  }

  /** What the broker must be told at a new connection. */
  pending(sessionPresent: boolean): { readonly subscribe: Subscription[]; readonly unsubscribe: string[] } {
    const unsubscribe = [...this.#abandoned];
    this.#abandoned.clear();
    if (!sessionPresent) for (const entry of this.#entries.values()) entry.active = false;
    return { subscribe: [...this.#entries.values()].filter(({ active }) => !active), unsubscribe };
  }

  activated(filter: string): void {
    const entry = this.#entries.get(filter);
    if (entry !== undefined) entry.active = true;
  }

  abandon(filter: string): void {
    this.#abandoned.add(filter);
  }

  #entry(filter: string): Entry {
    const known = this.#entries.get(filter);
    if (known !== undefined) return known;
    this.#abandoned.delete(filter);
    const identifier = ++this.#lastIdentifier;
    const entry = { filter, identifier, plain: new Set<Plain>(), beforeAck: undefined, active: false };
    this.#entries.set(filter, entry);
    return entry;
  }

  #tidy(entry: Entry): boolean {
    if (entry.plain.size > 0 || entry.beforeAck !== undefined) return false;
    return this.#entries.delete(entry.filter);
  }
}
