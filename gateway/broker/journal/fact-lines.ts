// Facts as they are written down, fit for JSON, and back.
import type { MessageProperties } from '../mqtt/message-properties.js';
import type { StoredPacket } from '../mqtt/packet.js';
import type { PersistenceState } from '../sessions/persistence-state.js';
import type { Fact, WaitingEntry } from '../sessions/fact.js';
import type { SharedMessage } from '../sessions/shared-message.js';

type WrittenProperties = Omit<MessageProperties, 'correlationData'> & {
  readonly correlationData?: { readonly base64: string };
};
type WrittenPacket = Omit<StoredPacket, 'payload' | 'properties'> & {
  readonly properties?: WrittenProperties;
  readonly payload?: string | { readonly base64: string };
};

/** Where the packet stands in a fact that has one. */
const PACKET_AT: Readonly<Record<Fact[0], number | undefined>> = {
  alive: undefined,
  retained: 1,
  unretained: undefined,
  subscribed: undefined,
  unsubscribed: undefined,
  queued: 1,
  message: 2,
  waiting: undefined,
  numbered: undefined,
  released: undefined,
  acknowledged: undefined,
  dropped: undefined,
  incoming: undefined,
  completed: undefined,
  will: 1,
  willGone: undefined,
  away: undefined,
  back: undefined,
  keptFor: undefined,
  forgotten: undefined,
};

/** Of one entry: a line stays short enough to be written in one go. */
const MOST_WAITING = 1000;

export function writtenFact(fact: Fact): unknown {
  const at = PACKET_AT[fact[0]];
  return at === undefined ? fact : fact.map((part, index) => (index === at ? written(part) : part));
}

/** Undefined where it is none: of another version. */
export function factOf(entry: unknown): Fact | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [name] = entry as unknown[];
  if (typeof name !== 'string' || !Object.hasOwn(PACKET_AT, name)) return undefined;
  const at = PACKET_AT[name as Fact[0]];
  const read: unknown = entry.map((part, index) => (index === at ? readPacket(part) : (part as unknown)));
  return read as Fact;
}

/** The facts that bring an empty store to this state, whenever they are read. */
export function* factsOf(state: PersistenceState): Generator<Fact> {
  yield ['alive', state.lifeMs, state.wallMs];
  for (const packet of state.retained) yield ['retained', packet];
  const numbers = new Map<SharedMessage, number>();
  for (const { clientId, subscriptions, waiting, incoming, will, awaySinceMs, keptForMs } of state.sessions) {
    if (subscriptions.length > 0) yield ['subscribed', clientId, subscriptions];
    for (let at = 0; at < waiting.length; at += MOST_WAITING) {
      const entries: WaitingEntry[] = [];
      for (const [shared, , entry] of waiting.slice(at, at + MOST_WAITING)) {
        if (shared === undefined) {
          entries.push(entry);
          continue;
        }
        let number = numbers.get(shared);
        if (number === undefined) {
          numbers.set(shared, (number = numbers.size + 1));
          yield ['message', number, shared.packet];
        }
        const [, ...rest] = entry;
        entries.push([number, ...rest]);
      }
      yield ['waiting', clientId, entries];
    }
    for (const id of incoming) yield ['incoming', clientId, id];
    if (will !== undefined) yield ['will', will];
    if (keptForMs !== undefined) yield ['keptFor', clientId, keptForMs];
    if (awaySinceMs !== undefined) yield ['away', clientId, awaySinceMs];
  }
}

function written(part: unknown): unknown {
  // The frame is the same message once more.
  const { payload, frame, properties, ...packet } = part as StoredPacket;
  return {
    ...packet,
    ...(properties === undefined ? {} : { properties: writtenProperties(properties) }),
    payload: Buffer.isBuffer(payload) ? { base64: payload.toString('base64') } : payload,
  };
}

function writtenProperties({ correlationData, ...properties }: MessageProperties): WrittenProperties {
  if (correlationData === undefined) return properties;
  return { ...properties, correlationData: { base64: correlationData.toString('base64') } };
}

function readProperties({ correlationData, ...properties }: WrittenProperties): MessageProperties {
  if (correlationData === undefined) return properties;
  return { ...properties, correlationData: Buffer.from(correlationData.base64, 'base64') };
}

/** One of another version may lack its payload. */
export function readPacket(part: unknown): unknown {
  const { payload, properties, ...packet } = part as WrittenPacket;
  if (payload === undefined) return packet;
  return {
    ...packet,
    ...(properties === undefined ? {} : { properties: readProperties(properties) }),
    payload: typeof payload === 'string' ? payload : Buffer.from(payload.base64, 'base64'),
  };
}
