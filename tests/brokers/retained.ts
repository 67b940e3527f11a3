// What a new subscriber gets at once: of the topics that change seldom, for a live message would pass for a retained one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from './row.js';
import { ROOT } from './sender.js';
import { SITE_DEVICES, type Site } from './site.js';

const SELDOM = [
  'status',
  'info',
  ...SITE_DEVICES.flatMap((device) => [`device/${device}/meta`, `device/${device}/availability`]),
].map((topic) => `${ROOT}/${topic}`);

/** After the last that came, this much silence of these topics is the end. */
const QUIET_MS = 2000;

export interface RetainedFound {
  readonly of: number;
  readonly byWildcard: number;
  readonly byTopic: number;
  /** How many of them came with the retain flag. */
  readonly flagged: number;
}

export async function findRetained(site: Site): Promise<RetainedFound> {
  const byWildcard = await received(site, ['iot/#']);
  const byTopic = await received(site, SELDOM);
  return {
    of: SELDOM.length,
    byWildcard: byWildcard.size,
    byTopic: byTopic.size,
    flagged: [...byWildcard.values(), ...byTopic.values()].filter(Boolean).length,
  };
}

export function retainedCell({ of, byWildcard, byTopic, flagged }: RetainedFound): Cell {
  const exact = byTopic > byWildcard ? `; ${String(byTopic)} by their exact topics` : '';
  const unmarked = flagged === 0 && byTopic > 0 ? '; without the retain flag' : '';
  return { kept: byWildcard === of, text: `${String(byWildcard)} of ${String(of)}${exact}${unmarked}` };
}

/** The seldom topics that came, and whether with the flag. */
async function received(site: Site, filters: readonly string[]): Promise<Map<string, boolean>> {
  const client = await site.client();
  await client.mqtt.subscribeAsync([...filters], { qos: 1 });
  const found = new Map<string, boolean>();
  for (let before = -1; found.size > before && found.size < SELDOM.length;) {
    before = found.size;
    await sleep(QUIET_MS);
    for (const { topic, retain } of client.received) if (SELDOM.includes(topic)) found.set(topic, retain);
  }
  await client.mqtt.endAsync(true);
  return found;
}
