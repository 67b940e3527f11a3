// Which bus: simulated Arduinos, or the real one.
import type { BusConfig } from '../../shared/config/config.js';
import type { OwnedI2cBus } from '../../shared/ports.js';
import { openSimulatedBus, type SimulatedBusWorld } from './simulated/open-simulated-bus.js';

export interface BusChoice extends SimulatedBusWorld {
  readonly simulate: boolean;
}

/** Rejects with bus_unavailable, config_unreadable or config_invalid. */
export function openBus(bus: BusConfig, choice: BusChoice): Promise<OwnedI2cBus> {
  return openSimulatedBus(bus, choice);
}
