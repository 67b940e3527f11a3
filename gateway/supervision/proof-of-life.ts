// Whether what must live does, asked before systemd's watchdog is told so.
import type { MessageBus } from '../../shared/ports.js';

export interface Living {
  /** Answers from its thread. */
  readonly store: { readonly outbox: { stats(): Promise<unknown> } };
  readonly broker: { readonly bus: Pick<MessageBus, 'publish'> };
  readonly buses: ReadonlyMap<string, { proveLife(): void }>;
}

/**
 * Resolves once the store's thread and the embedded broker have answered; rejects where a bus is stuck. One that fails or is
 * down is helped by its own part, and an outside broker that is away is no reason to start again: `ownsBroker` is false then.
 */
export async function proveLife({ store, broker, buses }: Living, ownsBroker: boolean): Promise<void> {
  for (const bus of buses.values()) bus.proveLife();
  const own = { topic: '$gateway/alive', payload: Buffer.alloc(0), qos: 0, retain: false } as const;
  await Promise.all([store.outbox.stats(), ...(ownsBroker ? [broker.bus.publish(own)] : [])]);
}
