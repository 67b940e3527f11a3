// A client for each configured device, on the bus it is wired to.
import { DeviceClient } from '../../bridge/device/client.js';
import type { Traces } from '../../bridge/trace/traces.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import { GatewayError } from '../../shared/errors.js';
import type { Clock, QueuedI2cBus } from '../../shared/ports.js';

export function buildClients(
  config: GatewayConfig,
  buses: ReadonlyMap<string, QueuedI2cBus>,
  clock: Clock,
  traces: Traces,
): ReadonlyMap<string, DeviceClient> {
  return new Map(
    [...config.devices.values()].map((device) => {
      const bus = buses.get(device.bus);
      if (bus === undefined)
        throw new GatewayError('internal', `The bus ${device.bus} of ${device.id} is not there.`);
      const client = new DeviceClient(device, traces.traced(device, bus), clock);
      traces.knows(device.id, () => client.known);
      return [device.id, client];
    }),
  );
}
