// Who says what the gateway is and how it does, and the first again when it has changed.
import { Announcer, type AnnouncerOptions } from '../../bridge/messages/announcer.js';
import { HealthTeller, type HealthTellerOptions } from '../health/teller.js';
import { AT_EVERY_DOOR } from '../broker/spoken-versions.js';
import { whereabouts } from '../process/whereabouts.js';
import { describeGateway, type GatewayFacts } from './info.js';
import type { World } from './world.js';

type Sources = Omit<AnnouncerOptions, 'info' | 'where' | 'sayHealth'> &
  Omit<GatewayFacts, 'versions' | 'store'> &
  HealthTellerOptions &
  Pick<World, 'broker' | 'readings'>;

export function buildAnnouncer(sources: Sources): Announcer {
  const { broker, readings } = sources;
  const teller = new HealthTeller({ ...sources, devices: sources.config.devices });
  const facts = { ...sources, store: readings.store.kind };
  const announcer = new Announcer({
    ...sources,
    info: () => describeGateway({ ...facts, versions: broker.versions?.names ?? AT_EVERY_DOOR }),
    where: whereabouts,
    sayHealth: () => teller.tell(),
  });
  broker.versions?.onChange(() => {
    announcer.sayInfo();
  });
  return announcer;
}
