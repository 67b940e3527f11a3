// Which bus: simulated Arduinos, or the real one.
import type { BusConfig } from '../../shared/config/config.js';
import type { OwnedI2cBus } from '../../shared/ports.js';
import { openLinuxBus, type LinuxBusWorld } from './linux/open-linux-bus.js';
import { openSimulatedBus, type SimulatedBusWorld } from './simulated/open-simulated-bus.js';

export interface BusChoice extends SimulatedBusWorld, Pick<LinuxBusWorld, 'onFailure'> {
  readonly simulate: boolean;
  /** Another module in place of i2c-bus. */
  readonly driver?: string;
}

/** Rejects with bus_unavailable, config_unreadable or config_invalid. */
export function openBus(bus: BusConfig, choice: BusChoice): Promise<OwnedI2cBus> {
  const { clock, log, onFailure, driver } = choice;
  const world = { clock, log, onFailure, ...(driver === undefined ? {} : { driver }) };
  return choice.simulate ? openSimulatedBus(bus, choice) : openLinuxBus(bus, world);
}
