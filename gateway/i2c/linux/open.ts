// Opens a configured bus for real: /dev/i2c-N, over i2c-bus.
import type { BusConfig } from '../../../shared/config/config.js';
import type { GatewayError } from '../../../shared/errors.js';
import type { Clock, I2cTransaction, Log } from '../../../shared/ports.js';
import { SystemClock } from '../../process/system-clock.js';
import { busNumberOf } from './bus-path.js';
import { REAL_DRIVER } from './driver.js';
import { DEFAULT_LINUX_BUS_LIMITS, LinuxBus, type LinuxBusLimits } from './bus.js';

export interface LinuxBusWorld {
  readonly log: Log;
  /** Told once when the bus process ended by itself; every transfer rejects from then on. */
  readonly onFailure: (error: GatewayError) => void;
  /** Told for each transaction that takes longer than `limits.patienceMs`; it is logged in any case. */
  readonly onHang?: (transaction: I2cTransaction) => void;
  readonly clock?: Clock;
  readonly limits?: Partial<LinuxBusLimits>;
  /** Another module in place of i2c-bus: for tests, the one double at the wire. */
  readonly driver?: string;
}

/** Rejects with config_invalid (no /dev/i2c-N) or bus_unavailable, in a sentence that says what to do. */
export async function openLinuxBus({ path }: BusConfig, world: LinuxBusWorld): Promise<LinuxBus> {
  busNumberOf(path);
  const { log, onFailure, onHang = () => undefined, clock = new SystemClock(), driver = REAL_DRIVER } = world;
  const limits = { ...DEFAULT_LINUX_BUS_LIMITS, ...world.limits };
  const bus = new LinuxBus({ path, driver, clock, log, onFailure, onHang, limits });
  await bus.open();
  return bus;
}
