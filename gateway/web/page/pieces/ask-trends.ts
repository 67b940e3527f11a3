// The small lines of a card begin with what the recorder has, once the card has come into sight.
import type { Device } from '../live/model.js';
import { wallNow } from '../live/ticks.js';
import { TREND_MS } from '../live/trend.js';
import { skewOf, type Session } from './session.js';

/** The recorder makes points of so many fields at once. */
const MOST_FIELDS = 16;

/** Returns what ends it. */
export function askTrends(session: Session, device: Device, card: Element): () => void {
  const stops: (() => void)[] = [];
  const observer = new IntersectionObserver((seen) => {
    if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    stops.push(session.turns.add(() => fill(session, device)));
  });
  observer.observe(card);
  return () => {
    observer.disconnect();
    for (const stop of stops) stop();
  };
}

async function fill(session: Session, device: Device): Promise<void> {
  const all = [...device.meta.fields.keys()].filter((field) => !session.site.trend(device, field).isAsked);
  for (let at = 0; at < all.length; at += MOST_FIELDS)
    await fillFields(session, device, all.slice(at, at + MOST_FIELDS));
}

async function fillFields(session: Session, device: Device, fields: readonly string[]): Promise<void> {
  const trends = fields.map((field) => [field, session.site.trend(device, field)] as const);
  for (const [, trend] of trends) trend.isAsked = true;
  const to = Math.round(wallNow() - skewOf(session, device.gateway));
  const query = {
    ...{ device: device.id, gateway: device.gateway, fields: fields.join(',') },
    ...{ from: to - TREND_MS, to, points: trends[0]?.[1].points ?? 1 },
  };
  try {
    const { series } = await session.api.points(query, AbortSignal.timeout(10_000));
    for (const [field, trend] of trends)
      trend.fill((series[field] ?? []).map(([ts, , , mean]) => [ts, mean] as const));
    session.site.watchers.touch(device.key);
  } catch {
    // Without a history, or the right to read it, the line begins now.
  }
}
