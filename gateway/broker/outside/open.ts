// The connection to an outside broker as one of our processes has it: its status, and the name of its session.
import { encodeJson, type StatusMessage } from '../../../shared/messages.js';
import type { Clock, Log } from '../../../shared/ports.js';
import type { Topics } from '../../../shared/topics.js';
import { whereabouts } from '../../process/whereabouts.js';
import type { KnownBoots } from './rivals/known-boots.js';
import { OutsideBroker } from './broker.js';

export interface OutsideChoice {
  readonly topics: Topics;
  readonly boots: KnownBoots;
  readonly clock: Clock;
  readonly log: Log;
}

/** `clientId` is the same at every start, so that the broker keeps what came meanwhile. Throws broker_unreachable. */
export function openOutside(
  url: string,
  clientId: string,
  { topics, boots, clock, log }: OutsideChoice,
): OutsideBroker {
  const status = (state: StatusMessage['state']): Uint8Array => {
    const where = state === 'online' ? whereabouts() : {};
    const message: StatusMessage = { state, boot: boots.current, ts: clock.now(), ...where };
    return encodeJson(message);
  };
  return new OutsideBroker({
    url,
    clientId,
    status: {
      topic: topics.status,
      online: () => status('online'),
      offline: () => status('offline'),
      boots,
      neverRetained: [topics.everyCommand, topics.everyRequest],
      here: () => Object.values(whereabouts()).join(' at '),
    },
    clock,
    log,
  });
}
