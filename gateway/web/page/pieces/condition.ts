// How a device does, in one word and in sentences: its own state, or why nothing new can come of it.
import type { Device } from '../live/model.js';
import type { Site } from '../live/site.js';
import type { Speech } from '../words/speech.js';

export const CONDITIONS = ['online', 'degraded', 'offline', 'paused', 'unknown', 'away'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** `now` in epoch ms of this machine. */
export function conditionOf(device: Device, site: Site, now: number): Condition {
  const gateway = site.gateways.get(device.gateway);
  if (site.connected !== 'live' || gateway?.state === 'offline') return 'away';
  const { state, pausedUntil } = device.availability;
  // By the gateway's clock.
  const isPaused = pausedUntil !== undefined && pausedUntil > now - (gateway?.skewMs ?? 0);
  return isPaused ? 'paused' : state;
}

export function conditionText(condition: Condition, site: Site, { texts }: Speech): string {
  if (condition !== 'away') return texts.states[condition];
  return site.connected === 'live' ? texts.states.gatewayOffline : texts.states.notConnected;
}

/** What it last said is not what is now. */
export function isFaded(device: Device, condition: Condition): boolean {
  return device.isOld || !['online', 'degraded'].includes(condition);
}
