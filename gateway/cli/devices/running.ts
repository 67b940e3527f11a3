// What the gateway that runs on a data folder says of its devices.
import { unknownDevice } from '../../../bridge/requests/unknown-device.js';
import { GatewayError } from '../../../shared/errors.js';
import { askGateway } from '../../control/ask.js';
import type { ListedDevice, ListedDevices } from '../../control/device-handlers.js';

/** Rejects with closed where none runs, and as `askGateway` does. */
export async function askRunning(
  dataDir: string,
  op: string,
  data: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const answer = await askGateway(dataDir, op, data);
  if (answer !== undefined) return answer.data;
  throw new GatewayError(
    'closed',
    `No gateway runs on the data folder ${dataDir}. Start it, or name its folder with --data.`,
  );
}

/** In the order of the configuration. */
export async function listedDevices(dataDir: string): Promise<readonly ListedDevice[]> {
  return ((await askRunning(dataDir, 'devices', {})) as ListedDevices).devices;
}

/** Throws unknown_device, with the nearest. */
export function oneOf(devices: readonly ListedDevice[], id: string): ListedDevice {
  const found = devices.find((device) => device.id === id);
  if (found !== undefined) return found;
  throw unknownDevice(
    id,
    devices.map((device) => device.id),
  );
}
