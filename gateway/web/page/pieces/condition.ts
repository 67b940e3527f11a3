// How a device does, in one word and in sentences: its own state, or why nothing new can come of it.
import type { Device } from '../live/model.js';
import type { Site } from '../live/site.js';
import type { Speech } from '../words/speech.js';

export const CONDITIONS = ['online', 'degraded', 'offline', 'paused', 'unknown', 'away'] as const;
export type Condition = (typeof CONDITIONS)[number];

export function conditionOf(device: Device, site: Site, now: number): Condition {
  if (site.connected !== 'live' || site.gateways.get(device.gateway)?.state === 'offline') return 'away';
  const { state, pausedUntil } = device.availability;
  return pausedUntil !== undefined && pausedUntil > now ? 'paused' : state;
}

export function conditionText(condition: Condition, site: Site, { texts }: Speech): string {
  if (condition !== 'away') return texts.states[condition];
  return site.connected === 'live' ? texts.states.gatewayOffline : texts.states.notConnected;
}

/** What it last said is not what is now. */
export function isFaded(device: Device, condition: Condition): boolean {
  return device.isOld || !['online', 'degraded'].includes(condition);
}
