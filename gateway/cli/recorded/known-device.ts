// A device of which nothing is recorded: is it only quiet, or is its name mistyped?
import { meantOrListed } from '../../../bridge/requests/unknown-device.js';
import { GatewayError } from '../../../shared/errors.js';
import { toldDevices } from '../../left-behind/told-devices.js';

/**
 * Rejects with unknown_device where the data folder's gateway has no such device and nothing was ever recorded of it:
 * a client's telemetry needs no configuration. Where the folder tells of no devices nothing is known against it.
 */
export async function refuseUnknown(
  device: string,
  dataDir: string,
  wasEver: () => Promise<boolean>,
): Promise<void> {
  const names = await toldDevices(dataDir);
  if (names.length === 0 || names.includes(device) || (await wasEver())) return;
  throw new GatewayError(
    'unknown_device',
    `Nothing was ever recorded of ${device.slice(0, 64)}. ${meantOrListed(device, names)}`,
  );
}
