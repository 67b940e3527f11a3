// Who asks a configured device, on the bus it is wired to.
import { DeviceClient } from '../../bridge/device/client.js';
import type { Traces } from '../../bridge/trace/traces.js';
import type { Device } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';
import type { Clock, QueuedI2cBus } from '../../shared/ports.js';

/** `before`: who asked the same device as it was described before. */
export type NewClient = (device: Device, before?: DeviceClient) => DeviceClient;

export function clientMaker(
  buses: ReadonlyMap<string, QueuedI2cBus>,
  clock: Clock,
  traces: Traces,
): NewClient {
  return (device, before) => {
    const bus = buses.get(device.bus);
    if (bus === undefined)
      throw new GatewayError('internal', `The bus ${device.bus} of ${device.id} is not there.`);
    const client = new DeviceClient(device, traces.traced(device, bus), clock, before);
    traces.knows(device.id, () => client.known);
    return client;
  };
}
