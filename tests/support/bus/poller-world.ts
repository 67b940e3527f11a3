// All of a configuration's devices on their schedules, in simulated time: real queue and topics, a scripted wire.
import type { TestContext } from 'node:test';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { Outlet } from '../../../bridge/messages/outlet.js';
import { OwnTelemetry } from '../../../bridge/recording/own-telemetry.js';
import { OwnWrites } from '../../../bridge/outputs/own-writes.js';
import { Poller } from '../../../bridge/polling/poller.js';
import { Traces } from '../../../bridge/trace/traces.js';
import { parseConfig } from '../../../gateway/config/load.js';
import type { QueuedI2cBus } from '../../../shared/ports.js';
import { startBroker, TOPICS } from '../mqtt/embedded-broker.js';
import { FakeClock } from '../fake-clock.js';
import { RecordingLog } from '../recording-log.js';
import { ScriptedBus, type Behaviour } from './scripted-bus.js';

export interface Said {
  readonly topic: string;
  readonly message: Readonly<Record<string, unknown>>;
}

export interface PollerWorld {
  readonly clock: FakeClock;
  readonly bus: ScriptedBus;
  readonly log: RecordingLog;
  readonly poller: Poller;
  readonly clients: Map<string, DeviceClient>;
  /** What was published on topics that end so, oldest first. */
  readonly said: (ending: string) => Said['message'][];
  /** Bytes written to the wire so far, as hex, one text a transaction. */
  readonly written: () => string[];
}

export interface PollerStory {
  readonly breaksStretching?: boolean;
  /** What stands between the devices and the wire. */
  readonly queueFor?: (bus: ScriptedBus, clock: FakeClock) => QueuedI2cBus;
}

const plainQueue: NonNullable<PollerStory['queueFor']> = (bus, clock) =>
  new BusQueue({ bus, clock, limit: 256 });

/** Not started yet; stopped with the test. Bare values are off. */
export async function pollerWorld(
  t: TestContext,
  yaml: string,
  behaviour: Behaviour,
  { breaksStretching = false, queueFor = plainQueue }: PollerStory = {},
): Promise<PollerWorld> {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const { broker } = await startBroker(t);
  const outlet = new Outlet(broker.bus, log);
  const bus = new ScriptedBus(clock, behaviour);
  const queue = queueFor(bus, clock);
  const config = parseConfig(yaml, 'test.yaml');
  const traces = new Traces(config.devices, clock);
  const clients = new Map(
    [...config.devices.values()].map((device) => [
      device.id,
      new DeviceClient(device, traces.traced(device, queue), clock),
    ]),
  );
  const all: Said[] = [];
  await broker.bus.subscribe(`${TOPICS.root}/#`, 1, ({ topic, payload }) => {
    const text = Buffer.from(payload).toString();
    if (text.startsWith('{')) all.push({ topic, message: JSON.parse(text) as Said['message'] });
  });
  let ids = 0;
  const common = { clock, log, outlet, topics: TOPICS, newId: () => `own-${String((ids += 1))}` };
  const ownWrites = new OwnWrites({ ...common, chronicle: () => Promise.resolve() });
  const poller = new Poller({
    ...common,
    boot: 'boot',
    clients,
    bareValues: false,
    setUp: (client, write, refuse) => ownWrites.run(client, write, { by: 'on_connect', refuse }),
    onFound: () => undefined,
    busyMsOf: (device) => traces.of(device).traffic().busyMs,
    telemetry: new OwnTelemetry({ ...common, recorder: { keep: () => Promise.resolve(true) } }),
    breaksStretching: () => breaksStretching,
    stamp: (ts) => ({ ts }),
  });
  t.after(() => poller.stop());
  return {
    ...{ clock, bus, log, poller, clients },
    said: (ending) => all.filter(({ topic }) => topic.endsWith(ending)).map(({ message }) => message),
    written: () => bus.seen.map(({ write }) => Buffer.from(write ?? []).toString('hex')),
  };
}
