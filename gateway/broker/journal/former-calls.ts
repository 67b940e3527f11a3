// The journal of versions up to 0.1.0 held calls of the store's methods in place of facts: they are made again once, at the
// first start behind an upgrade. The file is written anew with facts right after.
import type { MemoryPersistence } from '../sessions/memory-persistence.js';
import type { StoredPacket } from '../mqtt/packet.js';
import type { ClientRef } from '../sessions/persistence-state.js';
import type { Will } from '../sessions/fact.js';
import type { QueueingSubscription, StoredSubscription } from '../sessions/subscription.js';
import { readPacket } from './fact-lines.js';

type Replay = (store: MemoryPersistence, args: readonly unknown[]) => unknown;

const client = (arg: unknown): ClientRef => arg as ClientRef;
const packet = (arg: unknown): StoredPacket => readPacket(arg) as StoredPacket;
const willOf = (arg: unknown): Will => readPacket(arg) as Will;

const REPLAYS: Readonly<Record<string, Replay>> = {
  storeRetained: (store, [message]) => store.storeRetained(packet(message)),
  addSubscriptions: (store, [who, list]) => store.addSubscriptions(client(who), list as StoredSubscription[]),
  removeSubscriptions: (store, [who, filters]) => store.removeSubscriptions(client(who), filters as string[]),
  cleanSubscriptions: async (store, [who]) => store.cleanSubscriptions(client(who)),
  expireSession: (store, [id]) => {
    store.attendance.expireSession(id as string);
  },
  outgoingEnqueue: (store, [who, message]) =>
    store.outgoingEnqueue(who as { readonly clientId: string }, packet(message)),
  outgoingEnqueueCombi: (store, [receivers, message]) =>
    store.outgoingEnqueueCombi(receivers as QueueingSubscription[], packet(message)),
  outgoingUpdate: (store, [who, message]) => store.outgoingUpdate(client(who), packet(message)),
  sent: (store, [id, message, messageId]) => {
    store.queues.sent(id as string, packet(message), messageId as number);
  },
  acknowledge: (store, [id, messageId]) => store.queues.acknowledge(id as string, messageId as number),
  discardOutgoing: (store, [who, message]) => {
    store.queues.discardOutgoing(client(who), packet(message));
  },
  incomingStorePacket: (store, [who, message]) => store.incomingStorePacket(client(who), packet(message)),
  incomingDelPacket: (store, [who, message]) => store.incomingDelPacket(client(who), packet(message)),
  cleanIncoming: async (store, [who]) => store.cleanIncoming(client(who)),
  // Made again, the call would leave the will in this run's name.
  putWill: (store, [, will]) => {
    store.restore(['will', willOf(will)]);
  },
  delWill: async (store, [who]) => store.delWill(client(who)),
};

/** Whether it was one. */
export async function replayFormerCall(store: MemoryPersistence, entry: unknown): Promise<boolean> {
  if (!Array.isArray(entry)) return false;
  const [name, ...args] = entry as unknown[];
  const replay = typeof name === 'string' && Object.hasOwn(REPLAYS, name) ? REPLAYS[name] : undefined;
  if (replay === undefined) return false;
  try {
    await replay(store, args);
  } catch {
    // A message that is not there any more cannot be taken out: it was so the first time, too.
  }
  return true;
}
