// Who tells others what there is, and who takes up what changes of that.
import type { Announcer } from '../../bridge/messages/announcer.js';
import type { Component } from '../../shared/ports.js';
import type { HealthReport } from '../health/report.js';
import type { RetainedLedger } from '../left-behind/ledger.js';
import { buildReloader, type ReloadSources } from '../reload/build.js';
import type { Reloader } from '../reload/reloader.js';
import { buildAnnouncer } from './announcer.js';
import { buildHomeAssistant, followHome, type HomeAssistantSources } from './home-assistant.js';
import type { GatewayOptions, World } from './world.js';

export interface ChangingParts {
  readonly announcer: Announcer;
  readonly home: Component;
  /** Undefined where there is no file. */
  readonly reloader: Reloader | undefined;
}

type Changing = Omit<ReloadSources, 'announcer' | 'home' | 'followHome' | 'source' | 'settings'> &
  Pick<HomeAssistantSources, 'messages' | 'outlet'> & {
    readonly report: HealthReport;
    readonly retained: RetainedLedger;
  };

export function buildChanging(
  options: GatewayOptions & Pick<ReloadSources, 'config'>,
  world: World,
  sources: Changing,
): ChangingParts {
  const { retained } = sources;
  const { source } = options;
  const announcer = buildAnnouncer({ ...options, ...world, ...sources });
  const home = buildHomeAssistant({ ...options, ...sources, gone: () => retained.goneParts });
  const follow = (): void => {
    followHome(world.told, { ...options, topics: world.topics });
  };
  const told = { ...sources, announcer, home, followHome: follow };
  return {
    ...{ announcer, home },
    reloader: source && buildReloader({ ...told, source, settings: source.settings }),
  };
}
