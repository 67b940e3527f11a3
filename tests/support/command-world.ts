// A command bridge with everything real around it but the wire and the clock: broker, client over TCP, journal on disk.
import type { TestContext } from 'node:test';
import { AnswerSlots } from '../../bridge/answer-slots.js';
import { BusQueue } from '../../bridge/bus-queue.js';
import { CommandBridge } from '../../bridge/command-bridge.js';
import { CommandLedger } from '../../bridge/command-ledger.js';
import { DeviceClient } from '../../bridge/device-client.js';
import { Outlet } from '../../bridge/outlet.js';
import { OwnWrites } from '../../bridge/own-writes.js';
import { SafeOutputs, type SafeOutputsOptions } from '../../bridge/safe-outputs.js';
import { StoreWorker } from '../../gateway/store/store-worker.js';
import { SystemClock } from '../../gateway/system-clock.js';
import type { ReplyMessage } from '../../shared/messages.js';
import type { CommandJournal } from '../../shared/ports.js';
import { tankConfig } from './devices.js';
import { startBroker, TOPICS } from './embedded-broker.js';
import { FakeClock } from './fake-clock.js';
import { connectClient, type TestClient } from './mqtt-client.js';
import { RecordingLog } from './recording-log.js';
import { ScriptedBus } from './scripted-bus.js';
import { temporaryFolder } from './temporary-folder.js';
import { until } from './waiting.js';

export interface CommandWorld {
  readonly clock: FakeClock;
  readonly bus: ScriptedBus;
  readonly log: RecordingLog;
  readonly client: TestClient;
  readonly outcomes: string[];
  readonly journal: CommandJournal;
  /** Publishes to tank-1/<name> unless another device is named. */
  send(name: string, payload: string, options?: { retain?: boolean; device?: string }): Promise<void>;
  /** All replies so far, once there are at least `count`; time passes while waiting. */
  replies(count: number): Promise<ReplyMessage[]>;
  /** Commands taken since the last start. */
  received(): number;
  /** A new ledger over the same journal, as after a crash of the process. */
  restart(boot: string): Promise<void>;
}

export async function commandWorld(t: TestContext): Promise<CommandWorld> {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const { broker, url } = await startBroker(t);
  const store = new StoreWorker({
    dataDir: await temporaryFolder(t),
    clock: new SystemClock(),
    log,
    onFailure: (error) => {
      throw error;
    },
  });
  await store.start();
  t.after(() => store.stop());
  // Writes are remembered, reads give back the last byte written: the commands' verify holds.
  let lastWritten = 0;
  const bus = new ScriptedBus(clock, ({ write, readLength }) => {
    if (readLength === undefined) lastWritten = write?.at(-1) ?? 0;
    return { takesMs: 1, bytes: [lastWritten] };
  });
  const queue = new BusQueue({ bus, clock, limit: 64 });
  const devices = [...tankConfig().devices.values()];
  const clients = new Map(devices.map((device) => [device.id, new DeviceClient(device, queue, clock)]));
  const outcomes: string[] = [];
  let ids = 0;
  const outlet = new Outlet(broker.bus, log);
  const build = (boot: string): CommandBridge =>
    new CommandBridge({
      messages: broker.bus,
      outlet,
      slots: new AnswerSlots(),
      topics: TOPICS,
      ledger: new CommandLedger(store.journal, boot, log),
      clients,
      clock,
      log,
      refusals: log,
      outputs: outputsOf({ clients, clock, log, outlet, marks: store.outputs }),
      newId: () => `made-${String((ids += 1))}`,
      onOutcome: (_device, outcome, facts) => outcomes.push(told(outcome, facts?.seen)),
      chronicle: () => Promise.resolve(),
    });
  let bridge = build('first');
  await bridge.start();
  const client = await connectClient(t, url);
  await client.subscribe(`${TOPICS.root}/device/+/reply/+`, 1);
  return {
    ...{ clock, bus, log, client, outcomes },
    journal: store.journal,
    send: (name, payload, { retain = false, device = 'tank-1' } = {}) =>
      client.publish(TOPICS.command(device, name), payload, { qos: 1, retain }),
    replies: async (count) => {
      // Time passes in small steps, so that the wire moves while the sockets do.
      await until(`${String(count)} replies`, () => {
        void clock.advance(1);
        return client.received.length >= count;
      });
      return client.received.map(({ text }) => JSON.parse(text) as ReplyMessage);
    },
    received: () => bridge.counts().received,
    restart: async (boot) => {
      await bridge.stop();
      bridge = build(boot);
      await bridge.start();
    },
  };
}

function told(outcome: string, seen: Uint8Array | undefined): string {
  return seen === undefined ? outcome : `${outcome} ${Buffer.from(seen).toString('hex')}`;
}

function outputsOf(
  parts: Pick<SafeOutputsOptions, 'clients' | 'clock' | 'log' | 'outlet' | 'marks'>,
): SafeOutputs {
  return new SafeOutputs({
    ...parts,
    topics: TOPICS,
    ownWrites: new OwnWrites({
      ...parts,
      topics: TOPICS,
      newId: () => 'own',
      chronicle: () => Promise.resolve(),
    }),
    isAway: () => false,
    onOutcome: () => undefined,
  });
}
