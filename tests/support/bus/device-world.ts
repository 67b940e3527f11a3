// All of the devices' side as the program wires it: poller, commands' way, safe outputs, the bus with its recovery and its
// supervisor, over a scripted wire and a clock of the test's own. A crash is a new life on the same marks. Messages and marks are kept in memory, so that nothing but
// the clock passes time; the same over a real broker and a real disk is in output-world.ts.
import { BusQueue } from '../../../bridge/bus/queue.js';
import { OwnTelemetry } from '../../../bridge/recording/own-telemetry.js';
import { Outlet } from '../../../bridge/messages/outlet.js';
import type { Poller } from '../../../bridge/polling/poller.js';
import type { SafeOutputs } from '../../../bridge/outputs/safe.js';
import { BusPart } from '../../../gateway/i2c/bus-part.js';
import { buildDevices, type Devices, type ReturningBus } from '../../../gateway/parts/devices.js';
import { Supervisor } from '../../../gateway/supervision/supervisor.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { checkArguments } from '../../../shared/check-arguments.js';
import type { GatewayConfig } from '../../../shared/config/config.js';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import type { ReplyMessage } from '../../../shared/messages.js';
import type { Component, Message, MessageBus, OwnedI2cBus } from '../../../shared/ports.js';
import type { KeptMark, OutputMarks } from '../../../shared/stores.js';
import { TOPICS } from '../mqtt/embedded-broker.js';
import { FakeClock, settled } from '../fake-clock.js';
import { RecordingLog } from '../recording-log.js';
import { KernelWire, type WireBehaviour } from './kernel-wire.js';

export interface Written {
  readonly atMs: number;
  readonly hex: string;
}

interface Life extends Devices {
  readonly supervisor: Supervisor;
  /** A killed process asks nothing of the bus any more. */
  end(): void;
}

const FIRST_ADDRESS = 0x08;

export class DeviceWorld {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly #wire: KernelWire;
  /** What was written to the bus; reads without a write are left out. */
  readonly written: Written[] = [];
  /** Replies to what the gateway wrote on its own account. */
  readonly own: ReplyMessage[] = [];
  /** Told what the bus does to help itself. */
  onBus: (step: string) => void = () => undefined;
  readonly #config: GatewayConfig;
  readonly #marks = new MarksInMemory();
  readonly #recovers: boolean;
  #ids = 0;
  #isStopping = false;
  #life: Life;

  /**
   * Devices of the type that `type` describes in YAML, the first at address 8. Without `recovers` the bus does not help
   * itself, for who tells the poller what becomes of it.
   */
  constructor(
    type: string,
    behaviour: WireBehaviour,
    names: readonly string[] = ['pump-1'],
    { recovers = true } = {},
  ) {
    this.#recovers = recovers;
    const devices = names.map(
      (name, index) => `  ${name}: { type: pump, bus: main, address: ${String(FIRST_ADDRESS + index)} }\n`,
    );
    const yaml = `gateway: test\nbuses: { main: { path: /dev/i2c-none } }\ntypes:\n  pump: ${type}\ndevices:\n${devices.join('')}`;
    this.#config = parseConfig(yaml, 'test.yaml');
    this.#wire = new KernelWire(this.clock, behaviour);
    this.#wire.onBegin = ({ write }) => {
      if (write === undefined) return;
      this.written.push({ atMs: this.clock.monotonicMs(), hex: Buffer.from(write).toString('hex') });
    };
    this.#life = this.#newLife();
  }

  /** Transactions that met another one of the same process at the wire. */
  get overlaps(): number {
    return this.#wire.overlaps;
  }

  get outputs(): SafeOutputs {
    return this.#life.outputs;
  }

  /** What is on the disk of outputs, by device and command. */
  get marks(): ReadonlyMap<string, string> {
    return this.#marks.kept;
  }

  get poller(): Poller {
    return this.#life.poller;
  }

  async start(): Promise<void> {
    await this.#life.supervisor.start();
    await this.outputs.start();
    await this.poller.start();
    await settled();
  }

  /** As a client's command: `done`, or the code of its error. */
  async command(
    name: string,
    args: Readonly<Record<string, number>> = {},
    forMs?: number,
    device = 'pump-1',
  ): Promise<string> {
    const { clients, outputs, poller } = this.#life;
    const client = clients.get(device);
    const spec = client?.device.type.commands.get(name);
    if (client === undefined || spec === undefined) throw new Error(`no ${name}`);
    const values = checkArguments(spec, new Map(Object.entries(args)));
    const duration = forMs ?? spec.ending?.defaultMs;
    const order = { id: this.#newId(), ...(duration === undefined ? {} : { forMs: duration }) };
    // As the command bridge does it, which stops first.
    const refuse = (): Error | undefined =>
      this.#isStopping ? new GatewayError('closed', 'stopping') : undefined;
    const turn = { deadlineMs: 10_000, refuse };
    try {
      await outputs.command(client, spec, values, turn, order);
      poller.noteOutcome(device, 'ok');
      return 'done';
    } catch (thrown) {
      const { code } = asGatewayError(thrown);
      poller.noteOutcome(device, code);
      return code;
    }
  }

  /** As the program does it: nothing is polled any more, then all is made safe. Resolves with how long that took. */
  async stop(): Promise<number> {
    const startMs = this.clock.monotonicMs();
    let endMs: number | undefined;
    this.#isStopping = true;
    void this.poller
      .stop()
      .then(() => this.outputs.stop())
      .then(() => (endMs = this.clock.monotonicMs()));
    for (let turns = 0; turns < 2000 && endMs === undefined; turns += 1) await this.clock.advance(10);
    const closing = { isDone: false };
    void this.#life.supervisor.stop().then(() => (closing.isDone = true));
    while (!closing.isDone) await this.clock.advance(10);
    this.#life.end();
    return (endMs ?? Infinity) - startMs;
  }

  /** kill -9, and a start on the same marks. */
  async crash(): Promise<void> {
    this.#life.end();
    this.#life = this.#newLife();
    this.#isStopping = false;
    await this.start();
  }

  #newId(): string {
    this.#ids += 1;
    return `id-${String(this.#ids)}`;
  }

  #newLife(): Life {
    const { clock, log } = this;
    const life = { isOver: false };
    const outlet = new Outlet(this.#messages(), log);
    const recovering = new BusPart({
      id: 'main',
      clock,
      open: () => Promise.resolve(this.#wire.open(life)),
      onStep: ({ type, message }) => {
        this.onBus(`${type}: ${message}`);
      },
      onDown: (error) => {
        supervisor.fail(recovering.name, error);
      },
    });
    const bus = this.#recovers ? recovering : bareBus(this.#wire.open(life, 0), clock);
    const supervisor = new Supervisor([{ component: bus, restartable: true }], clock, log);
    const devices = buildDevices({
      ...{ config: this.#config, clock, log, outlet, topics: TOPICS },
      marks: marksOfLife(life, this.#marks),
      answers: outlet,
      telemetry: new OwnTelemetry({
        ...{ outlet, topics: TOPICS, clock },
        recorder: { keep: () => Promise.resolve(true) },
      }),
      buses: new Map([['main', ofLife(life, bus)]]),
      boot: 'boot',
      newId: () => this.#newId(),
      chronicle: () => Promise.resolve(),
      simulate: true,
      stamp: (ts) => ({ ts }),
    });
    return { ...devices, supervisor, end: () => (life.isOver = true) };
  }

  #messages(): MessageBus {
    const unsubscribe = (): Promise<void> => Promise.resolve();
    return {
      publish: ({ topic, payload }: Message) => {
        if (topic.includes('/reply/'))
          this.own.push(JSON.parse(Buffer.from(payload).toString()) as ReplyMessage);
        return Promise.resolve();
      },
      subscribe: () => Promise.resolve(unsubscribe),
      subscribeBeforeAck: () => Promise.resolve(unsubscribe),
    };
  }
}

function bareBus(bus: OwnedI2cBus, clock: FakeClock): Component & ReturningBus {
  const queue = new BusQueue({ bus, clock, limit: 64 });
  return {
    name: 'bus main',
    start: () => Promise.resolve(),
    stop: () => queue.close(),
    transfer: (...asked) => queue.transfer(...asked),
    converse: (talk) => queue.converse(talk),
    whenBack: () => undefined,
    whenReset: () => undefined,
  };
}

/** A bus as one process has it: after its end nothing is asked, and nothing answered. */
function ofLife(life: { readonly isOver: boolean }, bus: ReturningBus): ReturningBus {
  const never = new Promise<never>(() => undefined);
  return {
    transfer: (...asked) => (life.isOver ? never : bus.transfer(...asked)),
    converse: (talk) => (life.isOver ? never : bus.converse(talk)),
    whenBack: (listener) => {
      bus.whenBack(listener);
    },
    whenReset: (listener) => {
      bus.whenReset(listener);
    },
  };
}

/** What a killed process would note is on no disk. */
function marksOfLife(life: { readonly isOver: boolean }, marks: OutputMarks): OutputMarks {
  const never = new Promise<never>(() => undefined);
  return {
    set: (key, mark) => (life.isOver ? never : marks.set(key, mark)),
    clear: (key) => (life.isOver ? never : marks.clear(key)),
    all: () => marks.all(),
  };
}

class MarksInMemory implements OutputMarks {
  readonly kept = new Map<string, string>();

  set(key: string, mark: string): Promise<void> {
    this.kept.set(key, mark);
    return Promise.resolve();
  }

  clear(key: string): Promise<void> {
    this.kept.delete(key);
    return Promise.resolve();
  }

  all(): Promise<readonly KeptMark[]> {
    return Promise.resolve([...this.kept].map(([key, mark]) => ({ key, mark })));
  }
}
