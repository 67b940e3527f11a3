// A part for each configured bus, which opens it and opens it anew.
import type { GatewayConfig } from '../shared/config/config.js';
import type { GatewayError } from '../shared/errors.js';
import type { Clock, OwnedI2cBus } from '../shared/ports.js';
import { BusPart } from './i2c/bus-part.js';
import { openBus } from './i2c/open-bus.js';
import type { PlugBoard } from './i2c/simulated/plug-board.js';
import type { Logger } from './logging/logger.js';

interface BusSources {
  readonly config: GatewayConfig;
  readonly configFolder: string;
  readonly simulate: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly plugs: PlugBoard;
  readonly fail: (part: string, error: GatewayError) => void;
}

export function buildBuses(sources: BusSources): ReadonlyMap<string, BusPart> {
  const { config, clock, logger, fail } = sources;
  const parts = [...config.buses.values()].map((bus): [string, BusPart] => {
    const open = (): Promise<OwnedI2cBus> =>
      openBus(bus, {
        ...sources,
        devices: config.devices,
        log: logger.log.child({ bus: bus.id }),
        onFailure: (error) => {
          fail(part.name, error);
        },
      });
    const part = new BusPart(bus.id, open, clock);
    return [bus.id, part];
  });
  return new Map(parts);
}
