// The configured devices: a client for each, and who reads them on their schedules.
import type { AlarmKeeper } from '../../bridge/alarms/keeper.js';
import type { AnsweredCommand } from '../../bridge/messages/answered-command.js';
import type { DeviceClient } from '../../bridge/device/client.js';
import type { Outlet } from '../../bridge/messages/outlet.js';
import type { OwnTelemetry } from '../../bridge/recording/own-telemetry.js';
import { OwnWrites } from '../../bridge/outputs/own-writes.js';
import { Poller } from '../../bridge/polling/poller.js';
import { SafeOutputs } from '../../bridge/outputs/safe.js';
import type { Stamp } from '../../bridge/recording/time-keeper.js';
import { Traces } from '../../bridge/trace/traces.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock, Log, QueuedI2cBus } from '../../shared/ports.js';
import type { OutputMarks } from '../../shared/stores.js';
import type { Topics } from '../../shared/topics.js';
import { breaksClockStretching } from '../i2c/linux/adapter.js';
import { clientMaker, type NewClient } from './clients.js';

/** A bus that tells when devices that were lost since then may be there again, and when all may have been reset. */
export interface ReturningBus extends QueuedI2cBus {
  whenBack(listener: (lostSinceMs: number) => void): void;
  whenReset(listener: () => void): void;
}

export interface DevicesOptions {
  readonly config: GatewayConfig;
  readonly buses: ReadonlyMap<string, ReturningBus>;
  readonly boot: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly topics: Topics;
  readonly outlet: Outlet;
  readonly telemetry: OwnTelemetry;
  /** For replies. */
  readonly answers: Outlet;
  readonly newId: () => string;
  /** Keeps a write of the gateway's own with its answer; never rejects. */
  readonly chronicle: (command: AnsweredCommand) => Promise<void>;
  readonly marks: OutputMarks;
  readonly simulate: boolean;
  readonly stamp: (ts: number) => Stamp;
  readonly alarms?: AlarmKeeper;
}

export interface Devices {
  /** Of the devices of now, in the order of the configuration. */
  readonly clients: Map<string, DeviceClient>;
  readonly newClient: NewClient;
  readonly traces: Traces;
  readonly poller: Poller;
  readonly outputs: SafeOutputs;
}

export function buildDevices(options: DevicesOptions): Devices {
  const { config, buses, clock, answers, simulate } = options;
  const traces = new Traces(config.devices, clock);
  const newClient = clientMaker(buses, clock, traces);
  const clients = new Map([...config.devices].map(([id, device]) => [id, newClient(device)]));
  const ownWrites = new OwnWrites({ ...options, outlet: answers });
  const poller = new Poller({
    ...options,
    clients,
    bareValues: config.mqtt.values,
    setUp: (client, write, refuse) => outputs.setUp(client, write, refuse),
    breaksStretching: (bus) => !simulate && breaksClockStretching(config.buses.get(bus)?.path ?? ''),
    busyMsOf: (device) => traces.busyMsOf(device),
    onFound: (device) => {
      outputs.found(device);
    },
  });
  const outputs = new SafeOutputs({
    ...options,
    outlet: answers,
    clients,
    ownWrites,
    onOutcome: (device, outcome, facts) => {
      poller.noteOutcome(device, outcome, facts);
    },
  });
  for (const [id, bus] of buses) {
    bus.whenBack((lostSinceMs) => {
      poller.busIsBack(id, lostSinceMs);
    });
    bus.whenReset(() => {
      poller.busWasReset(id);
    });
  }
  return { clients, newClient, traces, poller, outputs };
}
