// Outputs with everything real but wire and clock: broker, store on disk, queue. A crash is a new life on the same disk.
import type { TestContext } from 'node:test';
import type { AnsweredCommand } from '../../../bridge/messages/answered-command.js';
import { BusQueue } from '../../../bridge/bus/queue.js';
import { DeviceClient, type CommandTurn } from '../../../bridge/device/client.js';
import { LogbookKeeper } from '../../../bridge/logbook/keeper.js';
import { Outlet } from '../../../bridge/messages/outlet.js';
import { OwnWrites } from '../../../bridge/outputs/own-writes.js';
import { SafeOutputs } from '../../../bridge/outputs/safe.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { StoreWorker } from '../../../gateway/store/durable/worker.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { checkArguments } from '../../../shared/check-arguments.js';
import type { Device } from '../../../shared/device-type.js';
import type { LogbookEntry } from '../../../shared/logbook.js';
import type { MessageBus } from '../../../shared/ports.js';
import { SiteTopics } from '../../../shared/site-topics.js';
import { startBroker, TOPICS } from '../mqtt/embedded-broker.js';
import { FakeClock } from '../fake-clock.js';
import { RecordingLog } from '../recording-log.js';
import { ScriptedBus } from './scripted-bus.js';
import { temporaryFolder } from '../temporary-folder.js';
import { until } from '../waiting.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  heater:
    identify: { write: [0x01], read: 1, expect: [0x48] }
    commands:
      heat:
        args: { power: { type: uint8 } }
        write: [0x20, $power]
        safe: { args: { power: 0 } }
        for: { default: 30s, max: 10m }
      open: { write: [0x30, 0x01], safe: { command: close }, for: 10s, after_crash: leave }
      close: { write: [0x30, 0x00] }
      glow: { args: { level: { type: uint8 } }, write: [0x40, $level], safe: { args: { level: 0 } }, after_crash: leave }
      soak: { steps: [ { write: [0x78, 0x01], delay: 4s }, { write: [0x79] } ], safe: { write: [0x78, 0x00] }, for: 10s }
      pump: { write: [0x70, 0x01], safe: { steps: [{ write: [0x70, 0x00], delay: 5ms }, { write: [0x71, 0x00] }] }, for: 30s }
      siren: { write: [0x60, 0x01], safe: { write: [0x60, 0x00] } }
    on_stop: [{ write: [0x50] }]
devices:
  heater-1: { type: heater, bus: main, address: 0x08 }
`;

export interface Order {
  readonly args?: Readonly<Record<string, number>>;
  readonly id?: string;
  readonly forMs?: number;
  readonly refuse?: CommandTurn['refuse'];
}

export class OutputWorld {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly bus = new ScriptedBus(this.clock, () => ({ takesMs: 1 }));
  readonly said: { readonly topic: string; readonly message: Readonly<Record<string, unknown>> }[] = [];
  readonly outcomes: string[] = [];
  readonly #keeper: LogbookKeeper;
  readonly #ownWrites: OwnWrites[] = [];
  #ids = 0;
  #endLife: () => void = () => undefined;
  readonly #devices: readonly Device[] = [...parseConfig(YAML, 'test.yaml').devices.values()];
  readonly dataDir: string;
  outputs: SafeOutputs;
  readonly #store: StoreWorker;
  readonly #outlet: Outlet;
  readonly #queue: BusQueue;
  #clients: Map<string, DeviceClient>;

  constructor(dataDir: string, store: StoreWorker, outlet: Outlet, broker: MessageBus) {
    this.dataDir = dataDir;
    this.#store = store;
    this.#outlet = outlet;
    this.#queue = new BusQueue({ bus: this.bus, clock: this.clock, limit: 64 });
    this.#clients = new Map();
    this.#keeper = new LogbookKeeper({
      ...{ messages: broker, site: new SiteTopics('iot', ['greenhouse']), gateway: 'test' },
      logbook: store.logbook,
      ...{ clock: this.clock, log: this.log, onKept: () => undefined },
    });
    this.outputs = this.#newLife();
  }

  /** As a command of a client would. */
  async command(name: string, { args = {}, id = 'a1', forMs, refuse }: Order = {}): Promise<void> {
    const client = this.#clients.get('heater-1');
    const spec = client?.device.type.commands.get(name);
    if (client === undefined || spec === undefined) throw new Error(`no ${name}`);
    const values = checkArguments(spec, new Map(Object.entries(args)));
    const turn = { deadlineMs: 10_000, refuse: refuse ?? (() => undefined) };
    const duration = forMs ?? spec.ending?.defaultMs;
    const order = { id, ...(duration === undefined ? {} : { forMs: duration }) };
    await this.done(this.outputs.command(client, spec, values, turn, order));
  }

  /** Lets time pass, a little, until it is settled; rejects with its error. */
  async done<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const mark = (): void => {
      ended = true;
    };
    work.then(mark, mark);
    await until('the work to end', () => {
      void this.clock.advance(1);
      return ended;
    });
    return work;
  }

  /** Lets time pass, and then the disk and the broker have their say. */
  async later(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await Promise.all(this.#ownWrites.map((writes) => writes.settled()));
    await this.#outlet.drained();
    await this.#store.outputs.all();
  }

  /** The process is killed and another begins: nothing of the old one acts any more. */
  async crash(): Promise<void> {
    this.outputs = this.#newLife();
    await this.outputs.start();
  }

  /** The device leaves the configuration. */
  async goes(): Promise<void> {
    for (const client of this.#clients.values()) await this.done(this.outputs.leave(client));
  }

  /** The configuration says something else of the device. */
  async describedAnew(change: (yaml: string) => string): Promise<void> {
    const [device] = parseConfig(change(YAML), 'test.yaml').devices.values();
    const client = this.#clients.get('heater-1');
    if (device === undefined || client === undefined) throw new Error('no device');
    await this.done(this.outputs.leave(client, device));
    const next = new DeviceClient(device, this.#queue, this.clock, client);
    this.#clients.set(device.id, next);
    this.outputs.join(next);
  }

  foundAgain(): void {
    this.outputs.found('heater-1');
  }

  written(): string[] {
    return this.bus.seen.map(({ write }) => Buffer.from(write ?? []).toString('hex'));
  }

  replies(name: string): unknown[][] {
    const topic = TOPICS.reply('heater-1', name);
    const own = this.said.filter((one) => one.topic === topic);
    return own.map(({ message: { status, by, of } }) => [status, by, of]);
  }

  /** What the logbook has of them, oldest first. */
  logbook(): Promise<readonly LogbookEntry[]> {
    return this.#store.logbook.query({ kind: 'command', fromTs: 0, toTs: 1e16, limit: 100 });
  }

  #newLife(): SafeOutputs {
    const { clock, log } = this;
    const life = { isOver: false };
    this.#endLife();
    this.#endLife = () => {
      life.isOver = true;
    };
    const clients = new Map(this.#devices.map((device) => [device.id, this.#clientOf(device, life)]));
    this.#clients = clients;
    const common = { clock, log, outlet: this.#outlet, topics: TOPICS };
    const chronicle = (one: AnsweredCommand): Promise<void> => this.#keeper.command(one);
    const ownWrites = new OwnWrites({ ...common, newId: () => `own-${String((this.#ids += 1))}`, chronicle });
    this.#ownWrites.push(ownWrites);
    return new SafeOutputs({
      ...common,
      clients,
      marks: this.#store.outputs,
      ownWrites,
      onOutcome: (_device, outcome, { message } = {}) =>
        this.outcomes.push(message === undefined ? outcome : `${outcome}: ${message}`),
    });
  }

  /** What a killed process asks of the bus never gets there. */
  #clientOf(device: Device, life: { readonly isOver: boolean }): DeviceClient {
    const never = new Promise<never>(() => undefined);
    const queue = this.#queue;
    return new DeviceClient(
      device,
      {
        transfer: (...asked) => (life.isOver ? never : queue.transfer(...asked)),
        converse: (talk) => (life.isOver ? never : queue.converse(talk)),
      },
      this.clock,
    );
  }
}

export async function outputWorld(t: TestContext): Promise<OutputWorld> {
  const { broker } = await startBroker(t);
  const dataDir = await temporaryFolder(t);
  const log = new RecordingLog();
  const fail = (error: Error): void => {
    throw error;
  };
  const store = new StoreWorker({ dataDir, clock: new SystemClock(), log, onFailure: fail });
  await store.start();
  t.after(() => store.stop());
  const world = new OutputWorld(dataDir, store, new Outlet(broker.bus, log), broker.bus);
  await broker.bus.subscribe(`${TOPICS.root}/#`, 1, ({ topic, payload }) => {
    const message = JSON.parse(Buffer.from(payload).toString()) as Readonly<Record<string, unknown>>;
    world.said.push({ topic, message });
  });
  await world.outputs.start();
  return world;
}
