// A configured bus with all its devices simulated: with their firmware where the description names one.
import { setImmediate as turn } from 'node:timers/promises';
import { wireOf } from '../../../bridge/device/talk/ask.js';
import type { BusConfig } from '../../../shared/config/config.js';
import type { Device } from '../../../shared/device-type.js';
import type { Clock, Log } from '../../../shared/ports.js';
import { AvrTarget } from './avr-target.js';
import { DescribedTarget } from './described-target.js';
import { readFlash } from './firmware-file.js';
import type { PlugBoard } from './plug-board.js';
import { SimulatedBus } from './bus.js';
import type { SimulatedTarget } from './target.js';

export interface SimulatedBusWorld {
  /** All devices of the configuration: those of other buses are left out. */
  readonly devices: ReadonlyMap<string, Device>;
  /** Firmware files are relative to it. */
  readonly configFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Gets every device, to be pulled and put back. */
  readonly plugs: PlugBoard;
}

/**
 * Builds and powers every device of `bus`. Rejects with config_unreadable or config_invalid for a firmware file,
 * naming type and file. A firmware that listens at another address is logged as a warning: it will not answer.
 */
export async function openSimulatedBus(bus: BusConfig, world: SimulatedBusWorld): Promise<SimulatedBus> {
  const { clock, log } = world;
  const simulated = new SimulatedBus({ clock, log, bitsPerSecond: bus.bitsPerSecond });
  const flashes = new Map<string, Uint8Array>();
  const plugIn = async (device: Device): Promise<void> => {
    const target = await makeTarget(device, world, flashes);
    world.plugs.add(device.id, { ...wireOf(device), bus: simulated, target });
  };
  world.plugs.serve(bus.id, plugIn);
  for (const device of world.devices.values()) {
    if (device.bus !== bus.id) continue;
    await plugIn(device);
    // Starting an Arduino takes some milliseconds of processor: let others in between.
    await turn();
  }
  return simulated;
}

async function makeTarget(
  device: Device,
  world: SimulatedBusWorld,
  flashes: Map<string, Uint8Array>,
): Promise<SimulatedTarget> {
  const { type, address } = device;
  const { clock } = world;
  const log = world.log.child({ device: device.id });
  const phase = phaseOf(address);
  if (type.simulate === undefined) return new DescribedTarget({ type, phase, clock });
  const { firmware, inputs } = type.simulate;
  const flash = flashes.get(firmware) ?? (await readFlash(type, type.simulate, world.configFolder));
  flashes.set(firmware, flash);
  const target = new AvrTarget({ flash, address, inputs, phase, clock, log });
  const listensAt = target.powerUp();
  if (listensAt !== address)
    log.warn(
      { firmware, address: hexAddress(address) },
      listensAt === undefined
        ? 'The firmware does not listen on the bus yet; it is asked again at each transaction.'
        : `The firmware listens at ${hexAddress(listensAt)}: it will not answer at ${hexAddress(address)}. It may read its address from byte 0 of the EEPROM.`,
    );
  return target;
}

/** The golden ratio spreads neighbouring addresses over the period: two tanks don't move as one. */
function phaseOf(address: number): number {
  return (address * 0.618_034) % 1;
}

function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}
