// A command bridge with everything real around it but the wire and the clock: broker, client over TCP, journal on disk.
import type { TestContext } from 'node:test';
import { AnswerSlots } from '../../../bridge/messages/answer-slots.js';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { CommandBridge } from '../../../bridge/commands/bridge.js';
import { CommandLedger } from '../../../bridge/commands/ledger.js';
import { AnswerTeller } from '../../../bridge/commands/answer-teller.js';
import type { AnsweredCommand } from '../../../bridge/messages/answered-command.js';
import { DeviceClient } from '../../../bridge/device/client.js';
import { Outlet } from '../../../bridge/messages/outlet.js';
import { OwnWrites } from '../../../bridge/outputs/own-writes.js';
import { SafeOutputs, type SafeOutputsOptions } from '../../../bridge/outputs/safe.js';
import { StoreWorker } from '../../../gateway/store/durable/worker.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import type { ReplyMessage } from '../../../shared/messages.js';
import type { CommandJournal, Moment } from '../../../shared/command-journal.js';
import type { AfterRestart } from '../../../shared/config/config.js';
import { tankConfig } from './devices.js';
import { startBroker, TOPICS } from '../mqtt/embedded-broker.js';
import { FakeClock } from '../fake-clock.js';
import { HeldFlush } from './held-flush.js';
import { connectClient, type TestClient } from '../mqtt/client.js';
import { RecordingLog } from '../recording-log.js';
import { ScriptedBus } from './scripted-bus.js';
import { temporaryFolder } from '../temporary-folder.js';
import { until } from '../waiting.js';

export interface SendOptions {
  readonly retain?: boolean;
  readonly device?: string;
  readonly expiresInS?: number;
}

export interface CommandWorld {
  readonly clock: FakeClock;
  readonly bus: ScriptedBus;
  readonly log: RecordingLog;
  readonly client: TestClient;
  /** Of the broker. */
  readonly port: number;
  readonly url: string;
  readonly outcomes: string[];
  readonly journal: CommandJournal;
  /** Below the journal. */
  readonly disk: HeldFlush;
  /** What went to the logbook. */
  readonly chronicle: AnsweredCommand[];
  /** What the machine tells of the time beside the clock. */
  readonly machine: { name: string; uptimeMs: number; synchronised: boolean };
  /** Publishes to tank-1/<name> unless another device is named; what expires is of MQTT 5. */
  send(name: string, payload: string, options?: SendOptions): Promise<void>;
  /** All replies so far, once there are at least `count`; time passes while waiting. */
  replies(count: number): Promise<ReplyMessage[]>;
  /** Commands taken since the last start. */
  received(): number;
  /** A new ledger over the same journal, as after a crash of the process. */
  restart(boot: string): Promise<void>;
}

const WITHIN_MS = 600_000;

export async function commandWorld(
  t: TestContext,
  afterRestart: AfterRestart = 'reject',
): Promise<CommandWorld> {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const { broker, url, port } = await startBroker(t);
  const store = await startedStore(t, log);
  const bus = rememberingBus(clock);
  const queue = new BusQueue({ bus, clock, limit: 64 });
  const devices = [...tankConfig().devices.values()];
  const clients = new Map(devices.map((device) => [device.id, new DeviceClient(device, queue, clock)]));
  const outcomes: string[] = [];
  const disk = new HeldFlush();
  const journal = disk.over(store.journal);
  let ids = 0;
  const chronicle: AnsweredCommand[] = [];
  const machine = { name: 'first run', uptimeMs: 3_600_000, synchronised: true };
  const now = (): Moment => momentOf(machine, clock);
  const outlet = new Outlet(broker.bus, log);
  const build = (boot: string): CommandBridge =>
    new CommandBridge({
      messages: broker.bus,
      slots: new AnswerSlots(),
      topics: TOPICS,
      ledger: new CommandLedger({ journal, boot, log, now, withinMs: WITHIN_MS }),
      teller: new AnswerTeller({ journal: store.journal, outlet, topics: TOPICS, clock, log }),
      ...{ now, withinMs: WITHIN_MS, afterRestart },
      clients,
      clock,
      log,
      refusals: log,
      outputs: outputsOf({ clients, clock, log, outlet, marks: store.outputs }),
      newId: () => `made-${String((ids += 1))}`,
      onOutcome: (_device, outcome, facts) => outcomes.push(told(outcome, facts?.seen)),
      chronicle: (command) => {
        chronicle.push(command);
        return Promise.resolve();
      },
    });
  let bridge = build('first');
  await bridge.start();
  const client = await connectClient(t, url);
  await client.subscribe(`${TOPICS.root}/device/+/reply/+`, 1);
  return {
    ...{ clock, bus, log, client, port, url, outcomes, chronicle, machine },
    ...{ journal, disk },
    send: async (name, payload, { retain = false, device = 'tank-1', expiresInS } = {}) => {
      const topic = TOPICS.command(device, name);
      if (expiresInS === undefined) return client.publish(topic, payload, { qos: 1, retain });
      const newer = await connectClient(t, url, { protocolVersion: 5 });
      const properties = { messageExpiryInterval: expiresInS };
      await newer.mqtt.publishAsync(topic, payload, { qos: 1, retain, properties });
    },
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

async function startedStore(t: TestContext, log: RecordingLog): Promise<StoreWorker> {
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
  return store;
}

/** Writes are remembered, reads give back the last byte written: the commands' verify holds. */
function rememberingBus(clock: FakeClock): ScriptedBus {
  let lastWritten = 0;
  return new ScriptedBus(clock, ({ write, readLength }) => {
    if (readLength === undefined) lastWritten = write?.at(-1) ?? 0;
    return { takesMs: 1, bytes: [lastWritten] };
  });
}

function momentOf(machine: CommandWorld['machine'], clock: FakeClock): Moment {
  const { name, uptimeMs, synchronised } = machine;
  return { ts: clock.now(), synchronised, machine: name, uptimeMs: uptimeMs + clock.monotonicMs() };
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
    onOutcome: () => undefined,
  });
}
