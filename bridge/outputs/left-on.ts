// What a process that ended in no order left on.
import type { EndingSpec } from '../../shared/device-type.js';
import type { EventMessage } from '../../shared/messages.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import { ONCE, type Outlet } from '../messages/outlet.js';
import type { OutputMark } from './marks.js';

export interface LeftOnSayer {
  readonly log: Log;
  readonly outlet: Outlet;
  readonly topics: Topics;
  readonly clock: Clock;
}

/** In the log and on the event topic. `ending` is what the configuration says of it now. */
export function nameLeftOn(
  { device, command, id, since, until }: OutputMark,
  ending: EndingSpec | undefined,
  { log, outlet, topics, clock }: LeftOnSayer,
): void {
  const then =
    ending === undefined
      ? 'The configuration describes no safe write for it any more.'
      : ending.afterCrash === 'safe' || until !== undefined
        ? 'It is made safe.'
        : 'It is left as it is.';
  const when = new Date(since).toISOString();
  const message = `${device}/${command} was left on by a process that ended without stopping it (command ${id} of ${when}). ${then}`;
  log.warn({ device, command, id, since }, message);
  const event: EventMessage = { type: 'output.left_on', ts: clock.now(), device, command, message };
  outlet.json(topics.event, event, ONCE);
}

/**
 * Milliseconds that it may stay on. Never more than it was told: a board without a battery clock starts in the past,
 * and what is to end in 30 s would end in six hours.
 */
export function leftOf(
  { since, until }: { readonly since: number; readonly until: number },
  now: number,
): number {
  return Math.min(until - now, until - since);
}
