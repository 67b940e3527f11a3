// Which device and which command are meant, or an error that says which there are.
import type { CommandSpec, Device } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';
import type { DeviceClient } from '../device/client.js';

/** Throws GatewayError unknown_device. */
export function knownClient(clients: ReadonlyMap<string, DeviceClient>, device: string): DeviceClient {
  const client = clients.get(device);
  if (client !== undefined) return client;
  throw new GatewayError('unknown_device', `No device ${device.slice(0, 64)} is configured.`);
}

/** Throws GatewayError unknown_command. */
export function knownCommand(device: Device, name: string): CommandSpec {
  const spec = device.type.commands.get(name);
  if (spec !== undefined) return spec;
  const known = [...device.type.commands.keys()].join(', ') || 'none';
  throw new GatewayError(
    'unknown_command',
    `${device.id} has no command ${name.slice(0, 64)}; it has: ${known}.`,
  );
}
