// Who takes up a changed configuration, and whom that concerns.
import type { Announcer } from '../../bridge/messages/announcer.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Device } from '../../shared/device-type.js';
import type { Log } from '../../shared/ports.js';
import type { BusPart } from '../i2c/bus-part.js';
import type { RetainedLedger } from '../left-behind/ledger.js';
import { DeviceChanges, type DeviceChangesOptions } from './device-changes.js';
import { Reloader, type ReloaderOptions } from './reloader.js';
import { ReloadTeller, type ReloadTellerOptions } from './teller.js';
import type { Settings } from '../../shared/config/check.js';

export interface ReloadSources
  extends
    Omit<DeviceChangesOptions, 'devices' | 'outlets' | 'onDevices' | 'onTaken'>,
    Omit<ReloadTellerOptions, 'clock' | 'log' | 'outlet'>,
    Pick<ReloaderOptions, 'source'> {
  readonly config: GatewayConfig & { readonly devices: Map<string, Device> };
  readonly settings: Settings;
  readonly outlet: ReloadTellerOptions['outlet'] & DeviceChangesOptions['outlets'][number];
  readonly answers: DeviceChangesOptions['outlets'][number];
  readonly buses: ReadonlyMap<string, Pick<BusPart, 'haveOtherDevices'>>;
  readonly retained: Pick<RetainedLedger, 'follow'>;
  readonly announcer: Pick<Announcer, 'sayInfo'>;
  readonly alarms: { follow(): void };
  readonly home: { tellAnew(): Promise<void> };
  /** Where Home Assistant is told of devices is another place now. */
  readonly followHome: () => void;
}

export function buildReloader(sources: ReloadSources): Reloader {
  const { config, settings, buses, retained, alarms, announcer, home, outlet, answers, followHome } = sources;
  const log: Log = sources.log.child({ part: 'configuration' });
  const changes = new DeviceChanges({
    ...{ ...sources, log },
    devices: config.devices,
    outlets: [outlet, answers],
    onDevices: async () => {
      for (const bus of buses.values()) bus.haveOtherDevices();
      followHome();
      alarms.follow();
      await retained.follow();
    },
    onTaken: () => {
      announcer.sayInfo();
      // Its messages wait for the broker by themselves.
      void home.tellAnew();
    },
  });
  return new Reloader({
    ...sources,
    running: { config, settings },
    take: (next, difference) => changes.take(next, difference),
    teller: new ReloadTeller({ ...sources, log }),
  });
}
