// What aedes 2.0.0-beta.1 lacks of what 1.2.0 had, and what we decide ourselves in its place.
import { Aedes, type AedesOptions, type Client } from 'aedes';
import { registerOneAtATime, type Registering } from './registrations.js';

type Inside = Aedes &
  Omit<Registering, 'clients'> & {
    clients: Record<string, Client>;
    brokers: Record<string, unknown>;
    scheduleSessionExpiry: (client: Client) => void;
  };
type InsideClient = Client & { subscriptions: Record<string, unknown>; duplicates: Record<string, unknown> };

/** What its types lack of MQTT 5 (its README, "Options"). */
export interface OptionsOf5 {
  readonly topicAliasMaximum: number;
  readonly maximumPacketSize: number;
  readonly receiveMaximum: number;
  readonly sessionExpiryIntervalLimit: number;
  readonly pendingSessionsLimit: number;
}

/** Its tables by client id are without a prototype: an id may be `__proto__`. */
export function newAedes(options: AedesOptions & OptionsOf5): Aedes {
  const aedes = new Aedes(options) as Inside;
  aedes.clients = Object.create(null) as Inside['clients'];
  aedes.brokers = Object.create(null) as Inside['brokers'];
  // Its timers do not outlive the process; ours go on over restarts (sessions/expiry.ts).
  aedes.scheduleSessionExpiry = () => undefined;
  registerOneAtATime(aedes);
  return aedes;
}

/** The same for the client's tables by filter and by broker. */
export function nameSafely(client: Client): void {
  const inside = client as InsideClient;
  inside.subscriptions = Object.create(null) as InsideClient['subscriptions'];
  inside.duplicates = Object.create(null) as InsideClient['duplicates'];
}

/** By client id. */
export function connected(aedes: Aedes): Readonly<Record<string, Client>> {
  return (aedes as Inside).clients;
}
