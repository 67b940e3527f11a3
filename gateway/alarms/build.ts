// Who judges the alarms of a configuration, who tells people of them, and what of them outlives a restart.
import { env } from 'node:process';
import { AlarmKeeper } from '../../bridge/alarms/keeper.js';
import { AlarmTeller } from '../../bridge/alarms/teller.js';
import type { Outlet } from '../../bridge/messages/outlet.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import { AlarmFile } from './file.js';
import { webhookSender } from './send.js';

export interface AlarmSources {
  readonly config: GatewayConfig;
  readonly dataDir: string;
  readonly topics: Topics;
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
}

export interface Alarms {
  readonly keeper: AlarmKeeper;
  readonly teller: AlarmTeller;
}

export function buildAlarms(sources: AlarmSources): Alarms {
  const { config, dataDir, clock } = sources;
  const log = sources.log.child({ part: 'alarms' });
  const file = new AlarmFile(dataDir, clock, log);
  const teller = new AlarmTeller({
    ...{ ...sources, log, memory: file.untold, webhooks: config.webhooks ?? [] },
    send: webhookSender(env),
  });
  const keeper = new AlarmKeeper({
    ...{ ...sources, ...config, log, memory: file.raised },
    onNews: (news) => {
      teller.tell(news);
    },
  });
  return { keeper, teller };
}
