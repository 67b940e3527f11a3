// Who judges the alarms of a configuration, and what of them outlives a restart.
import { AlarmKeeper } from '../../bridge/alarms/keeper.js';
import type { Outlet } from '../../bridge/messages/outlet.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import { AlarmFile } from './file.js';

export interface AlarmSources {
  readonly config: GatewayConfig;
  readonly dataDir: string;
  readonly topics: Topics;
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly log: Log;
}

export function buildAlarms(sources: AlarmSources): AlarmKeeper {
  const { config, dataDir, clock } = sources;
  const log = sources.log.child({ part: 'alarms' });
  return new AlarmKeeper({
    ...{ ...sources, ...config, log },
    memory: new AlarmFile(dataDir, clock, log),
    onNews: () => undefined,
  });
}
