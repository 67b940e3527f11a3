// What a connection costs that says nothing: resident memory of a fresh process of its own, with keep-alive on.
import { startEmbedded } from './brokers.js';
import type { Users } from './brokers.js';
import { PLAIN } from './dialects.js';
import { Peer } from './peer.js';
import type { Target } from './peer.js';

/** The other end of a keep-alive of 300 s says nothing for as long as this lasts. */
const KEEP_ALIVE_S = 300;
const AT_ONCE = 50;

/** KiB for each of `count` connections. */
export async function idleConnections(
  users: Users,
  transport: Target['transport'],
  count: number,
  dialect = PLAIN,
): Promise<number> {
  const broker = await startEmbedded(users);
  const peers: Peer[] = [];
  const open = async (name: string, some: number): Promise<void> => {
    const target = transport === 'tcp' ? broker.tcp : broker.websocket;
    const opened = Array.from({ length: some }, async (_, index) =>
      Peer.open(target, `${name}-${String(index)}`, KEEP_ALIVE_S, dialect),
    );
    peers.push(...(await Promise.all(opened)));
  };
  try {
    // The first ones load and compile what all use.
    await open('first', AT_ONCE);
    const before = await broker.residentKiB();
    for (let index = 0; index < count; index += AT_ONCE) await open(`idle${String(index)}`, AT_ONCE);
    return ((await broker.residentKiB()) - before) / count;
  } finally {
    for (const peer of peers) peer.close();
    await broker.stop();
  }
}
