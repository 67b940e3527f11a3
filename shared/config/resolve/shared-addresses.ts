// Two devices at one place would answer together.
import type { Device } from '../../device-type.js';
import type { Problem } from '../problem.js';

/** One address may be there once behind each channel of each multiplexer, or once on the bus itself. */
export function reportSharedAddresses(devices: readonly Device[], problems: Problem[]): void {
  const holders = new Map<string, string>();
  for (const device of devices) {
    const place = placeOf(device);
    const holder = holders.get(place);
    if (holder === undefined) holders.set(place, device.id);
    else
      problems.push({
        path: ['devices', device.id, 'address'],
        message: `is taken: ${holder} has ${place} already; give one of them another address`,
      });
  }
  reportBothSides(devices, problems);
  reportMuxAddresses(devices, problems);
}

/** What is directly on the bus answers whichever channel is open. */
function reportBothSides(devices: readonly Device[], problems: Problem[]): void {
  const direct = new Map(
    devices
      .filter(({ via }) => via === undefined)
      .map(({ id, bus, address }) => [`${bus} ${hex(address)}`, id]),
  );
  for (const { id, bus, address, via } of devices) {
    const other = via === undefined ? undefined : direct.get(`${bus} ${hex(address)}`);
    if (other !== undefined)
      problems.push({
        path: ['devices', id, 'address'],
        message: `is that of ${other}, which is not behind a multiplexer and would answer as well; give one of them another address`,
      });
  }
}

/** A multiplexer answers at its own address whatever is selected, also to what is meant for a device behind it. */
function reportMuxAddresses(devices: readonly Device[], problems: Problem[]): void {
  const muxes = new Set(
    devices.flatMap(({ bus, via }) => (via === undefined ? [] : [`${bus} ${hex(via.mux)}`])),
  );
  for (const { id, bus, address } of devices) {
    if (muxes.has(`${bus} ${hex(address)}`))
      problems.push({
        path: ['devices', id, 'address'],
        message: `is that of a multiplexer on ${bus}; give one of them another address`,
      });
  }
}

function placeOf({ bus, address, via }: Device): string {
  const behind = via === undefined ? '' : ` behind channel ${String(via.channel)} of ${hex(via.mux)}`;
  return `${bus} ${hex(address)}${behind}`;
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}
