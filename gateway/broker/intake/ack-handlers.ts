// The handlers a message must pass before its sender is told that it arrived: `MessageBus.subscribeBeforeAck`.
import { GatewayError } from '../../../shared/errors.js';
import type { Message } from '../../../shared/ports.js';
import { FilterTrie } from '../mqtt/topic-filter.js';

type Handler = (message: Message) => Promise<void>;

/** Topics whose handlers are remembered: clients make them up. */
const MOST_TOPICS = 10_000;

export class AckHandlers {
  readonly #byFilter = new Map<string, Handler>();
  readonly #trie = new FilterTrie<Handler>();
  readonly #byTopic = new Map<string, readonly Handler[]>();

  /** At most one per filter: two that both must agree would make an acknowledgement mean two things. */
  add(filter: string, handler: Handler): () => void {
    if (this.#byFilter.has(filter))
      throw new GatewayError('internal', `${filter} already has a handler before the acknowledgement`);
    const own: Handler = async (message) => handler(message);
    this.#byFilter.set(filter, own);
    this.#trie.add(filter, own);
    this.#byTopic.clear();
    return () => {
      if (this.#byFilter.get(filter) !== own) return;
      this.#byFilter.delete(filter);
      this.#trie.remove(filter, own);
      this.#byTopic.clear();
    };
  }

  /** Whether a message of this topic must be taken by anybody. */
  concern(topic: string): boolean {
    return this.#of(topic).length > 0;
  }

  /** Starts every handler of the topic; undefined where there is none. Rejects when one rejects, after all ended. */
  run(message: Message): Promise<void> | undefined {
    const handlers = this.#of(message.topic);
    return handlers.length === 0 ? undefined : allTaken(handlers, message);
  }

  #of(topic: string): readonly Handler[] {
    let handlers = this.#byTopic.get(topic);
    if (handlers !== undefined) return handlers;
    handlers = this.#trie.match(topic);
    if (this.#byTopic.size >= MOST_TOPICS) this.#byTopic.clear();
    this.#byTopic.set(topic, handlers);
    return handlers;
  }

  get filters(): IterableIterator<string> {
    return this.#byFilter.keys();
  }
}

/** Rejects when one handler rejects, after all ended. */
export async function allTaken(handlers: readonly Handler[], message: Message): Promise<void> {
  const outcomes = await Promise.allSettled(handlers.map(async (handler) => handler(message)));
  const refused = outcomes.find((outcome) => outcome.status === 'rejected');
  if (refused !== undefined) throw refused.reason;
}
