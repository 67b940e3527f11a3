// What the page listens to, and what a topic is of. All of it is made by shared/topics.ts, so neither can drift from it.
import { LOG_LEVELS, Topics } from '../../../../shared/topics.js';

export const ANY = '+';

/** The filters of the page's one subscription: every gateway below the base. */
export function filtersBelow(base: string): readonly string[] {
  const every = new Topics(base, ANY);
  return [
    ...[every.status, every.info, every.health, every.busHealth(ANY), every.event],
    ...[every.meta(ANY), every.availability(ANY), every.state(ANY), every.deviceHealth(ANY)],
    every.alarm(ANY, ANY),
    every.reply(ANY, ANY),
    ...LOG_LEVELS.filter((level) => level !== 'debug').map((level) => every.log(level)),
  ];
}

/** What a device keeps said, as the names of its topics' methods. */
export const DEVICE_TOPICS = ['meta', 'state', 'availability', 'deviceHealth'] as const;
export type DeviceTopic = (typeof DEVICE_TOPICS)[number];

export type Place =
  | { readonly kind: 'status' | 'info' | 'health' | 'event'; readonly gateway: string }
  | { readonly kind: 'log'; readonly gateway: string; readonly level: string }
  | { readonly kind: 'bus'; readonly gateway: string; readonly bus: string }
  | { readonly kind: DeviceTopic; readonly gateway: string; readonly device: string }
  | { readonly kind: 'alarm'; readonly gateway: string; readonly device: string; readonly alarm: string }
  | { readonly kind: 'reply'; readonly gateway: string; readonly device: string; readonly name: string };

/** Undefined for what the page does not look at. */
export function placeOf(base: string, topic: string): Place | undefined {
  if (!topic.startsWith(`${base}/`)) return undefined;
  const [gateway = ''] = topic.slice(base.length + 1).split('/', 1);
  const topics = new Topics(base, gateway);
  const levels = topic.slice(topics.root.length + 1).split('/');
  const [first, second = '', third, fourth = ''] = levels;
  if (first === 'device') return ofDevice(topics, topic, { gateway, device: second, third, fourth });
  if (topic === topics.busHealth(second)) return { kind: 'bus', gateway, bus: second };
  for (const kind of ['status', 'info', 'health', 'event'] as const)
    if (topic === topics[kind]) return { kind, gateway };
  const level = LOG_LEVELS.find((one) => topic === topics.log(one));
  return level === undefined ? undefined : { kind: 'log', gateway, level };
}

function ofDevice(
  topics: Topics,
  topic: string,
  { gateway, device, fourth }: { gateway: string; device: string; third: string | undefined; fourth: string },
): Place | undefined {
  for (const kind of DEVICE_TOPICS) if (topic === topics[kind](device)) return { kind, gateway, device };
  if (topic === topics.alarm(device, fourth)) return { kind: 'alarm', gateway, device, alarm: fourth };
  if (topic === topics.reply(device, fourth)) return { kind: 'reply', gateway, device, name: fourth };
  return undefined;
}
