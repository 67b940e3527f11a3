// kill -9 of the broker under load, and what is there when it is back.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedSample } from '../../shared/sample.js';
import { findRetained, type RetainedFound } from './retained.js';
import type { Cell } from './row.js';
import { Sender } from './sender.js';
import type { Site } from './site.js';

const OTHER = 'table/other';
const BEFORE_MS = 2000;
const GONE_MS = 5000;
const AFTER_MS = 3000;
/** While the gateway is not connected: fewer than any broker of the table keeps for a session that is away. */
const MEANWHILE = 500;
const CONNECT_LIMIT_MS = 90_000;

export interface BrokerKilled {
  readonly sender: Sender;
  readonly retained: RetainedFound;
  /** Of a client that has nothing to do with the gateway: what the broker itself kept. */
  readonly retainedKept: boolean;
  readonly queuedKept: boolean;
}

export async function killBroker(site: Site): Promise<BrokerKilled> {
  await leaveBehind(site);
  const sender = new Sender(site.t, site.broker.url, 'broker-killed');
  sender.start(100);
  await sleep(BEFORE_MS);
  sender.allow(MEANWHILE);
  await site.broker.kill();
  await sleep(GONE_MS);
  await site.broker.start();
  await connectedAgain(site);
  sender.allow(Infinity);
  await sleep(AFTER_MS);
  await sender.stop();
  return { sender, retained: await findRetained(site), ...(await found(site)) };
}

export function brokerKilledCell(killed: BrokerKilled, recorded: Cell, own: Cell): Cell {
  const { retained, retainedKept, queuedKept } = killed;
  const [there, of] = [Math.max(retained.byTopic, retained.byWildcard), retained.of];
  const losses = [...(retainedKept ? [] : ['retained']), ...(queuedKept ? [] : ['what waits for a session'])];
  const lost = losses.length === 0 ? 'loses nothing' : `loses ${losses.join(', ')}`;
  return {
    kept: recorded.kept && own.kept && there === of,
    text: `${lost}; acknowledged ${recorded.text}; own samples ${own.text}; retained again ${String(there)} of ${String(of)}`,
  };
}

/** Counted by `seq`, which has no gap by itself. */
export function withoutGap(samples: readonly RecordedSample[]): Cell {
  const boots = new Map<string, Set<number>>();
  for (const { boot, seq } of samples) boots.set(boot, (boots.get(boot) ?? new Set()).add(seq));
  let missing = 0;
  for (const seqs of boots.values()) missing += Math.max(...seqs) + 1 - seqs.size;
  const kept = missing === 0 && samples.length > 0;
  return { kept, text: kept ? 'without a gap' : `${String(missing)} missing` };
}

/** A client with a session goes, a retained message and one for it stay. */
async function leaveBehind(site: Site): Promise<void> {
  const away = await site.client({ clientId: 'table-away', clean: false });
  await away.subscribe(`${OTHER}/queued`, 1);
  await away.mqtt.endAsync();
  const client = await site.client();
  await client.publish(`${OTHER}/retained`, 'kept', { qos: 1, retain: true });
  await client.publish(`${OTHER}/queued`, 'kept', { qos: 1 });
  await client.mqtt.endAsync();
}

async function found(site: Site): Promise<Pick<BrokerKilled, 'retainedKept' | 'queuedKept'>> {
  const back = await site.client({ clientId: 'table-away', clean: false });
  const fresh = await site.client();
  await fresh.subscribe(`${OTHER}/retained`, 1);
  await sleep(AFTER_MS);
  return {
    retainedKept: fresh.received.length > 0,
    queuedKept: back.received.length > 0,
  };
}

async function connectedAgain(site: Site): Promise<void> {
  const end = performance.now() + CONNECT_LIMIT_MS;
  while ((await site.metric('outside_broker_connected')) !== 1) {
    if (performance.now() > end) throw new Error(`the gateway does not connect again: ${site.said()}`);
    await sleep(200);
  }
}
