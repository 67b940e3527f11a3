// The broker's state as a list of calls: each call that changes the store is an entry of the journal, and making the same
// calls again brings the same state back.
import type { MemoryPersistence } from '../memory-persistence.js';
import type { StoredPacket } from '../packet.js';
import type { PersistenceState, Will } from '../persistence-state.js';

/** [method, …arguments], fit for JSON. */
export type Call = readonly [name: string, ...args: readonly unknown[]];

type Convert = (value: unknown) => unknown;
type WrittenPacket = Omit<StoredPacket, 'payload'> & {
  readonly payload: string | { readonly base64: string } | undefined;
};

const asIs: Convert = (value) => value;
/** aedes hands over its whole client. */
const client: Convert = (value) => ({ id: (value as { readonly id: string }).id });
const written: Convert = (value) => {
  const { payload, ...packet } = value as Partial<StoredPacket>;
  return { ...packet, payload: Buffer.isBuffer(payload) ? { base64: payload.toString('base64') } : payload };
};
const restored: Convert = (value) => {
  const { payload, ...packet } = value as WrittenPacket;
  if (payload === undefined) return packet;
  return {
    ...packet,
    payload: typeof payload === 'string' ? payload : Buffer.from(payload.base64, 'base64'),
  };
};
const receivers: Convert = (value) =>
  (value as readonly { readonly clientId: string; readonly qos: number }[]).map(({ clientId, qos }) => ({
    clientId,
    qos,
  }));

/** Every method that changes the store, and how its arguments are written. */
const CHANGES: Readonly<Record<string, readonly Convert[]>> = {
  storeRetained: [written],
  addSubscriptions: [client, asIs],
  removeSubscriptions: [client, asIs],
  cleanSubscriptions: [client],
  expireSession: [asIs],
  outgoingEnqueue: [asIs, written],
  outgoingEnqueueCombi: [receivers, written],
  outgoingUpdate: [client, written],
  sent: [asIs, written, asIs],
  acknowledge: [asIs, asIs],
  discardOutgoing: [client, written],
  incomingStorePacket: [client, written],
  incomingDelPacket: [client, asIs],
  cleanIncoming: [client],
  putWill: [client, written],
  delWill: [client],
} satisfies Partial<Record<keyof MemoryPersistence, readonly Convert[]>>;

/** From now on every call that changes the store is told, if `worth` it. */
export function recordCalls(
  store: MemoryPersistence,
  record: (call: Call) => void,
  worth: (name: string, args: readonly unknown[]) => boolean = () => true,
): void {
  for (const [name, converts] of Object.entries(CHANGES)) {
    const original = Reflect.get(store, name) as (...args: unknown[]) => unknown;
    const recorded = (...args: unknown[]): unknown => {
      const result = Reflect.apply(original, store, args);
      if (worth(name, args)) record([name, ...converts.map((convert, index) => convert(args[index]))]);
      return result;
    };
    Object.defineProperty(store, name, { value: recorded, configurable: true });
  }
}

/** Makes the calls; returns how many made no sense, from another version perhaps. */
export async function replayCalls(store: MemoryPersistence, calls: Iterable<unknown>): Promise<number> {
  let failed = 0;
  for (const call of calls) {
    const [name, args] = parsed(call);
    const converts = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined;
    if (converts === undefined) failed++;
    else
      try {
        await replay(
          store,
          name,
          args.map((arg, index) => (converts[index] === written ? restored(arg) : arg)),
        );
      } catch {
        // A message that is not there any more cannot be taken out: it was so the first time, too.
        failed++;
      }
  }
  return failed;
}

async function replay(store: MemoryPersistence, name: string, args: readonly unknown[]): Promise<void> {
  // Made again, the call would leave the will in this run's name.
  if (name === 'putWill') store.restoreWill(args[1] as Will);
  else await Reflect.apply(Reflect.get(store, name) as (...args: unknown[]) => unknown, store, args);
}

function parsed(call: unknown): [name: string, args: unknown[]] {
  if (!Array.isArray(call)) return ['', []];
  const [name, ...args] = call as unknown[];
  return [typeof name === 'string' ? name : '', args];
}

/** The calls that bring an empty store to the state of this one now, however long it takes to make them all. */
export function callsFor(store: MemoryPersistence, worth: (topic: string) => boolean): Generator<Call> {
  return callsOf(store.state(), worth);
}

function* callsOf(state: PersistenceState, worth: (topic: string) => boolean): Generator<Call> {
  const { retained, sessions, outgoing, incoming, wills } = state;
  for (const packet of retained) if (worth(packet.topic)) yield ['storeRetained', written(packet)];
  for (const [id, subscriptions] of sessions) yield ['addSubscriptions', { id }, subscriptions];
  for (const [id, packets] of outgoing) for (const packet of packets) yield* queued(id, packet);
  for (const [id, packets] of incoming)
    for (const packet of packets) yield ['incomingStorePacket', { id }, written(packet)];
  for (const will of wills) yield ['putWill', { id: will.clientId }, written(will)];
}

function* queued(clientId: string, packet: StoredPacket): Generator<Call> {
  const { messageId } = packet;
  if (packet.cmd === 'publish') {
    yield ['outgoingEnqueueCombi', [{ clientId, qos: packet.qos }], written(packet)];
    if (messageId !== undefined) yield ['sent', clientId, written(packet), messageId];
    return;
  }
  // Of a QoS 2 message that the client has, only the identifier is left.
  const had = {
    cmd: 'publish',
    brokerId: 'released',
    brokerCounter: messageId,
    topic: '',
    payload: '',
    qos: 2,
  };
  yield ['outgoingEnqueueCombi', [{ clientId, qos: 2 }], had];
  yield ['sent', clientId, had, messageId];
  yield ['outgoingUpdate', { id: clientId }, { cmd: packet.cmd, messageId }];
}
