// Who may ask the gateway itself for something, and by which door: requests over MQTT and HTTP, and the shell's socket.
import { BusBudget } from '../../bridge/trace/budget.js';
import type { Outlet } from '../../bridge/messages/outlet.js';
import { RawAccess, type NamedBus, type RawAccessOptions } from '../../bridge/requests/raw-access.js';
import type { RequestHandler } from '../../bridge/requests/requests.js';
import type { SafeOutputs } from '../../bridge/outputs/safe.js';
import type { Traces } from '../../bridge/trace/traces.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Device } from '../../shared/device-type.js';
import { GatewayError } from '../../shared/errors.js';
import type { Clock, MessageBus, QueuedI2cBus } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import { deviceHandlers, type DeviceAnswerers } from '../control/device-handlers.js';
import { AddDevice } from '../edit/add-device.js';
import type { ConfigurationSource } from '../reload/reloader.js';
import { ControlSocket } from '../control/socket.js';
import { rawHandlers } from './raw-handlers.js';
import { requestHandlers, type Answerers } from './request-handlers.js';

export interface RequestSources extends Answerers, Pick<DeviceAnswerers, 'commands'> {
  readonly config: GatewayConfig;
  /** Absent where there is no file. */
  readonly source?: ConfigurationSource | undefined;
  readonly buses: ReadonlyMap<string, QueuedI2cBus>;
  readonly traces: Traces;
  readonly outputs: Pick<SafeOutputs, 'written'>;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly topics: Topics;
  readonly outlet: Outlet;
  readonly messages: Pick<MessageBus, 'largestMessage'>;
}

export interface RequestDoors {
  /** For MQTT and HTTP. */
  readonly handlers: ReadonlyMap<string, RequestHandler>;
  readonly control: ControlSocket;
  readonly budget: BusBudget;
}

export function buildRequests(sources: RequestSources): RequestDoors {
  const { config, traces, clock, dataDir, topics, outlet, logger, outputs } = sources;
  const raw = rawAccess(config, sources.buses, traces, clock, (device, bytes) => {
    outputs.written(device, bytes);
  });
  const plain = requestHandlers(sources);
  const { source } = sources;
  if (source !== undefined) {
    const adding = new AddDevice({ ...sources, ...source });
    plain.set('add_device', (data) => adding.answer(data)).set('device_kinds', (data) => adding.kinds(data));
  }
  const log = logger.log.child({ part: 'requests' });
  const largest = (): number | undefined => sources.messages.largestMessage;
  return {
    handlers: new Map([...plain, ...rawHandlers({ raw, traces }, config.mqtt.rawWrites, largest)]),
    control: new ControlSocket({
      dataDir,
      handlers: new Map([...plain, ...rawHandlers({ raw, traces }, true), ...deviceHandlers(sources)]),
      log,
    }),
    budget: new BusBudget({ ...config, traceOf: (device) => traces.of(device), clock, log, outlet, topics }),
  };
}

/** Over the buses of a configuration; what goes to a configured device is traced like all else of it. */
export function rawAccess(
  config: Pick<GatewayConfig, 'buses' | 'devices'>,
  buses: ReadonlyMap<string, QueuedI2cBus>,
  traces: Traces,
  clock: Clock,
  onWritten?: RawAccessOptions['onWritten'],
): RawAccess {
  const named = new Map<string, NamedBus>(
    [...config.buses.values()].map(({ id, path }) => [id, { path, bus: busOf(buses, id) }]),
  );
  const traced = (device: Device): QueuedI2cBus => traces.traced(device, busOf(buses, device.bus));
  return new RawAccess({ buses: named, devices: config.devices, busOf: traced, clock, onWritten });
}

function busOf(buses: ReadonlyMap<string, QueuedI2cBus>, id: string): QueuedI2cBus {
  const bus = buses.get(id);
  if (bus === undefined) throw new GatewayError('internal', `The bus ${id} is not there.`);
  return bus;
}
