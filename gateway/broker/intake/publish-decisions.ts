// Remembers what each client may publish: the rules are asked once for a topic, not for every message.
import type { Client } from 'aedes';
import type { Access, PublishDecision } from './access.js';
import type { Identities } from '../doors/identities.js';

/** A client that makes up more topics than this is asked about anew. */
const MOST_TOPICS = 1000;

interface Remembered {
  /** Of the rights they were decided by. */
  readonly generation: number;
  readonly byTopic: Map<string, PublishDecision>;
}

export class PublishDecisions {
  readonly #access: Access;
  readonly #identities: Identities;
  readonly #byClient = new WeakMap<Client, Remembered>();

  constructor(access: Access, identities: Identities) {
    this.#access = access;
    this.#identities = identities;
  }

  of(client: Client | null, topic: string): PublishDecision {
    if (client === null) return this.#decide(client, topic);
    const { byTopic } = this.#remembered(client);
    let decision = byTopic.get(topic);
    if (decision !== undefined) return decision;
    decision = this.#decide(client, topic);
    if (byTopic.size >= MOST_TOPICS) byTopic.clear();
    byTopic.set(topic, decision);
    return decision;
  }

  #decide(client: Client | null, topic: string): PublishDecision {
    return this.#access.publishFromOutside(this.#identities.userOf(client), client?.id ?? '', topic);
  }

  #remembered(client: Client): Remembered {
    const { generation } = this.#access;
    const known = this.#byClient.get(client);
    if (known?.generation === generation) return known;
    const fresh = { generation, byTopic: new Map<string, PublishDecision>() };
    this.#byClient.set(client, fresh);
    return fresh;
  }
}
