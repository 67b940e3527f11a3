// How many messages a broker keeps for a session that is away, of those it acknowledged to their sender.
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestClient } from '../support/mqtt/client.js';
import { share, type Cell } from './row.js';
import type { Site } from './site.js';

const TOPIC = 'table/queue';
const CLIENT = { clientId: 'table-queue', clean: false } as const;
/** After the last that came, this much silence is the end. */
const QUIET_MS = 3000;
/** Unacknowledged at once: some brokers end a client that has too many. */
const BATCH = 20;
const COUNT_LIMIT_MS = 15_000;

export async function queueCell(site: Site, count: number): Promise<Cell> {
  const away = await site.client(CLIENT);
  await away.subscribe(TOPIC, 1);
  await away.mqtt.endAsync();
  const sender = await site.client();
  const { droppedTopic } = site.broker.kind;
  if (droppedTopic !== undefined) await sender.subscribe(droppedTopic, 0);
  for (let sent = 0; sent < count; sent += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - sent) }, (_, index) => String(sent + index));
    await Promise.all(batch.map(async (text) => sender.publish(TOPIC, text, { qos: 1 })));
  }
  const back = await site.client(CLIENT);
  await quiet(back);
  const got = new Set(back.received.map(({ text }) => text)).size;
  const dropped =
    droppedTopic === undefined ? undefined : await countOfDropped(sender, droppedTopic, count - got);
  await Promise.all([back, sender].map(async ({ mqtt }) => mqtt.endAsync(true)));
  // A clean session forgets the old one; rumqttd 0.20 does not answer UNSUBSCRIBE.
  const clean = await site.client({ ...CLIENT, clean: true });
  await clean.mqtt.endAsync(true);
  return share(
    got,
    count,
    dropped === undefined || got === count ? '' : `; by its own count ${dropped} dropped`,
  );
}

async function quiet({ received }: TestClient): Promise<void> {
  for (let before = -1; received.length > before;) {
    before = received.length;
    await sleep(QUIET_MS);
  }
}

/** What it says last, when that is as many, or time is up; undefined where nothing was said. */
async function countOfDropped(
  { received }: TestClient,
  droppedTopic: string,
  expected: number,
): Promise<string | undefined> {
  const end = performance.now() + COUNT_LIMIT_MS;
  const said = (): string | undefined => received.findLast(({ topic }) => topic === droppedTopic)?.text;
  while (Number(said() ?? 0) < expected && performance.now() < end) await sleep(100);
  return said();
}
