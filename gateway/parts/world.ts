// The world: whatever opens a socket, a file or a bus.
import { randomBytes } from 'node:crypto';
import { Outlet } from '../../bridge/messages/outlet.js';
import { newBootId } from '../../shared/boot.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Written } from '../../bridge/reload/difference.js';
import type { ConfigurationSource } from '../reload/reloader.js';
import type { GatewayError } from '../../shared/errors.js';
import type { Clock } from '../../shared/ports.js';
import { Topics } from '../../shared/topics.js';
import type { Broker } from '../broker/broker.js';
import { openBroker, type OpenOutside } from '../broker/open.js';
import { KnownBoots } from '../broker/outside/rivals/known-boots.js';
import type { Doorkeeper } from '../broker/rights/doorkeeper.js';
import { openDoorkeeper } from '../broker/rights/open-doorkeeper.js';
import { buildBuses } from '../i2c/build-buses.js';
import type { BusPart } from '../i2c/bus-part.js';
import { PlugBoard } from '../i2c/simulated/plug-board.js';
import type { Logger } from '../logging/logger.js';
import { SparingLogs } from '../logging/sparing-log.js';
import { chooseReadingStore, type ChosenStore, type MongoPlace } from '../store/choose-reading.js';
import { StoreWorker } from '../store/durable/worker.js';
import { toldToHome } from './home-assistant.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  /** Where that came from, and what it says: with it the gateway takes up what changes there. */
  readonly source?: (ConfigurationSource & Pick<Written, 'settings'>) | undefined;
  readonly version: string;
  /** Paths in the configuration (firmware files) are relative to this. */
  readonly configFolder: string;
  readonly dataDir: string;
  readonly simulate: boolean;
  /** An outside broker in place of the embedded one. */
  readonly outsideBrokerUrl?: string | undefined;
  readonly openOutside?: OpenOutside | undefined;
  /** MongoDB in place of the local history. */
  readonly mongo?: MongoPlace | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface World {
  readonly topics: Topics;
  readonly boot: string;
  readonly boots: KnownBoots;
  readonly doorkeeper: Doorkeeper;
  readonly broker: Broker;
  /** Topics where Home Assistant is told of the devices; they follow the configuration. */
  readonly told: Set<string>;
  readonly buses: ReadonlyMap<string, BusPart>;
  readonly outlet: Outlet;
  readonly store: StoreWorker;
  readonly readings: ChosenStore;
  readonly plugs: PlugBoard;
  /** For what clients can cause by the thousand. */
  readonly sparing: SparingLogs;
}

/** `fail` is told of a part that can't go on. Nothing is opened yet. */
export function buildWorld(
  options: GatewayOptions,
  fail: (part: string, error: GatewayError) => void,
): World {
  const { config, clock, logger, dataDir } = options;
  const [log, topics] = [logger.log, new Topics(config.mqtt.base, config.gateway)];
  const boot = newBootId(clock.now(), randomBytes(6));
  const boots = new KnownBoots(boot);
  const sparing = new SparingLogs(log, clock);
  const doorkeeper = openDoorkeeper({ ...options, log: sparing.of('users') });
  const told = new Set(toldToHome({ ...options, topics }).map(({ topic }) => topic));
  const broker = openBroker({ ...options, topics, told, boots, doorkeeper, log: sparing.of('broker') });
  const plugs = new PlugBoard();
  const outlet = new Outlet(broker.bus, logger.unpublished);
  const buses = buildBuses({ ...options, plugs, log, topics, outlet, fail });
  const { keepMs } = config.recorder;
  const store = new StoreWorker({
    ...config.recorder,
    ...config.commands,
    dataDir,
    clock,
    log: log.child({ part: 'store' }),
    onFailure: (error) => {
      fail('store', error);
    },
    limits: config.recorder,
    retention: { keepMs },
  });
  const readings = chooseReadingStore({
    ...options,
    local: store.history,
    owner: config.gateway,
    keepMs,
    log: log.child({ part: 'mongodb' }),
  });
  return { topics, boot, boots, doorkeeper, broker, told, buses, outlet, store, readings, plugs, sparing };
}
