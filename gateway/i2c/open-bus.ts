// Which bus: simulated Arduinos, or the real one.
import type { BusConfig } from '../../shared/config/config.js';
import type { OwnedI2cBus } from '../../shared/ports.js';
import type { LinuxBusWorld } from './linux/open.js';
import type { SimulatedBusWorld } from './simulated/open.js';

export interface BusChoice extends SimulatedBusWorld, Pick<LinuxBusWorld, 'onFailure'> {
  readonly simulate: boolean;
  /** Another module in place of i2c-bus. */
  readonly driver?: string;
}

/** Rejects with bus_unavailable, config_unreadable or config_invalid. Loads the one that is opened: never both are. */
export async function openBus(bus: BusConfig, choice: BusChoice): Promise<OwnedI2cBus> {
  if (choice.simulate) return (await import('./simulated/open.js')).openSimulatedBus(bus, choice);
  const { clock, log, onFailure, driver } = choice;
  const world = { clock, log, onFailure, ...(driver === undefined ? {} : { driver }) };
  return (await import('./linux/open.js')).openLinuxBus(bus, world);
}
