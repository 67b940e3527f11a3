// Publishes the wills of clients that were connected when the process was killed: their connections broke with it.
import type { Log, MessageBus } from '../../../shared/ports.js';
import type { Access } from './access.js';
import type { MemoryPersistence } from '../sessions/memory-persistence.js';

export interface LeftWillsParts {
  readonly store: MemoryPersistence;
  readonly access: Access;
  readonly bus: MessageBus;
  readonly log: Log;
}

/** Before anybody new is let in, who could have taken such a client's name. Never rejects. */
export async function publishLeftWills({ store, access, bus, log }: LeftWillsParts): Promise<void> {
  for (const { user, clientId, topic, payload, qos, retain } of store.takeLeftWills()) {
    if (access.publishFromOutside(user, clientId, topic) !== 'allow') continue;
    try {
      await bus.publish({ topic, payload: Buffer.from(payload), qos, retain });
    } catch (err) {
      log.warn({ err, client: clientId, topic }, 'a will from before the restart was not taken');
    }
  }
}
