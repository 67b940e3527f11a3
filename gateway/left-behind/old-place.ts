// Clears what this gateway retained at a broker, or under a name, that it no longer uses.
import type { Clock } from '../../shared/ports.js';
import { parseBrokerUrl, type BrokerUrl } from '../broker/outside/link/broker-url.js';
import { visit } from '../broker/outside/visit.js';
import type { KnownBoots } from '../broker/outside/rivals/known-boots.js';
import { parseStatus } from '../broker/outside/rivals/parse-status.js';
import type { KeptPlace } from './file.js';

export interface Now {
  readonly boots: KnownBoots;
  readonly expected: ReadonlySet<string>;
  /** The broker that is used now, where it is an outside one. */
  readonly url?: BrokerUrl;
}

export interface Cleared {
  readonly topics: number;
  /** Another gateway says there that it is online: then everything is its own. */
  readonly isAnothers: boolean;
}

/** Rejects where the broker is not reached or refuses. */
export async function clearOldPlace(place: KeptPlace, now: Now, clock: Clock): Promise<Cleared> {
  return visit(urlOf(place, now.url), clock, async (broker) => {
    const payload = await broker.retained(place.statusTopic);
    const status = payload === undefined ? undefined : parseStatus(payload);
    const isAnothers = status?.state === 'online' && !now.boots.isOwn(status.boot);
    if (isAnothers) return { topics: 0, isAnothers };
    const all = place.topics.map(([topic]) => topic);
    // The same broker under two addresses: what is said there now stays.
    const gone = status?.boot === now.boots.current ? all.filter((topic) => !now.expected.has(topic)) : all;
    for (const topic of gone) await broker.clear(topic);
    return { topics: gone.length, isAnothers };
  });
}

/** With the password of now only where the name is the one it was then, and no less hidden on its way. */
function urlOf({ address, user }: KeptPlace, now: BrokerUrl | undefined): BrokerUrl {
  const url = parseBrokerUrl(address);
  if (now === undefined || user === undefined || user !== now.username) return url;
  const isHidden = ({ address: of }: BrokerUrl): boolean => /^(mqtts|ssl|tls|wss):/.test(of);
  if (isHidden(now) && !isHidden(url)) return url;
  const { username, password } = now;
  return { ...url, username, ...(password === undefined ? {} : { password }) };
}
