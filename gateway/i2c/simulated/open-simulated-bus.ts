// A configured bus with all its devices simulated: with their firmware where the description names one.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { wireOf } from '../../../bridge/ask.js';
import type { BusConfig } from '../../../shared/config/config.js';
import type { Device, DeviceType, SimulateSpec } from '../../../shared/device-type.js';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import type { Clock, Log } from '../../../shared/ports.js';
import { FLASH_BYTES } from './atmega328p.js';
import { AvrTarget } from './avr-target.js';
import { DescribedTarget } from './described-target.js';
import { parseIntelHex } from './intel-hex.js';
import type { PlugBoard } from './plug-board.js';
import { SimulatedBus } from './simulated-bus.js';
import type { SimulatedTarget } from './simulated-target.js';

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

/** 32 KB of flash are 90 KB of text; one byte a record would be 400. */
const MOST_HEX_BYTES = 512 * 1024;

/**
 * Builds and powers every device of `bus`. Rejects with config_unreadable or config_invalid for a firmware file,
 * naming type and file. A firmware that listens at another address is logged as a warning: it will not answer.
 */
export async function openSimulatedBus(bus: BusConfig, world: SimulatedBusWorld): Promise<SimulatedBus> {
  const { clock, log } = world;
  const simulated = new SimulatedBus({ clock, log, bitsPerSecond: bus.bitsPerSecond });
  const flashes = new Map<string, Uint8Array>();
  for (const device of world.devices.values()) {
    if (device.bus !== bus.id) continue;
    const target = await makeTarget(device, world, flashes);
    world.plugs.add(device.id, { ...wireOf(device), bus: simulated, target });
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

async function readFlash(type: DeviceType, simulate: SimulateSpec, folder: string): Promise<Uint8Array> {
  const file = resolve(folder, simulate.firmware);
  const about = `The firmware ${file} of the type ${type.id}`;
  const text = await readHexText(file).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('config_unreadable', `${about} cannot be read: ${why}.`, { cause });
  });
  try {
    return parseIntelHex(text, FLASH_BYTES);
  } catch (thrown) {
    const cause = asGatewayError(thrown);
    throw new GatewayError(cause.code, `${about} is no Intel-hex file for an ATmega328P: ${cause.message}.`, {
      cause,
    });
  }
}

/** Refuses what has no end, such as /dev/zero, before it is read. */
async function readHexText(file: string): Promise<string> {
  const info = await stat(file);
  if (!info.isFile() || info.size > MOST_HEX_BYTES)
    throw new Error(`it is no file of at most ${String(MOST_HEX_BYTES)} bytes`);
  return readFile(file, 'latin1');
}

/** The golden ratio spreads neighbouring addresses over the period: two tanks don't move as one. */
function phaseOf(address: number): number {
  return (address * 0.618_034) % 1;
}

function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}
