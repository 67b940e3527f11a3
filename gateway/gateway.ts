// The one file that wires it all. Read this first.
//
//   command topic ─▶ CommandBridge ─┐                            ┌─▶ reply topic
//                                   ├─▶ DeviceClient ─▶ BusPart ─┤
//   Ticker ────────▶ Poller ────────┘   (one at a time)          └─▶ state, telemetry and value topics
//                                                                            │
//                      Broker (embedded, or outside)                         ▼
//                      TCP, WebSocket, page                 Recorder ─▶ outbox ─▶ Delivery ─▶ MongoDB
//                                                                                        └──▶ local history
import { randomBytes, randomUUID } from 'node:crypto';
import { AnswerSlots } from '../bridge/answer-slots.js';
import { Announcer } from '../bridge/announcer.js';
import { CommandBridge } from '../bridge/command-bridge.js';
import { CommandLedger } from '../bridge/command-ledger.js';
import { Delivery } from '../bridge/delivery.js';
import { History } from '../bridge/history.js';
import { Outlet } from '../bridge/outlet.js';
import type { Poller } from '../bridge/poller.js';
import type { TimeKeeper } from '../bridge/time-keeper.js';
import type { Recorder } from '../bridge/recorder.js';
import { Requests } from '../bridge/requests.js';
import type { SafeOutputs } from '../bridge/safe-outputs.js';
import { newBootId } from '../shared/boot.js';
import type { GatewayConfig } from '../shared/config/config.js';
import type { GatewayError } from '../shared/errors.js';
import type { Clock } from '../shared/ports.js';
import { SiteTopics } from '../shared/site-topics.js';
import { Topics } from '../shared/topics.js';
import type { Broker } from './broker/broker.js';
import { openBroker } from './broker/open-broker.js';
import type { Doorkeeper } from './broker/rights/doorkeeper.js';
import { openDoorkeeper } from './broker/rights/open-doorkeeper.js';
import { buildRecorder } from './build-recorder.js';
import { buildDevices } from './build-devices.js';
import { buildRequests, type RequestDoors } from './build-requests.js';
import { buildWeb } from './build-web.js';
import { buildLogbook, type LogbookParts } from './build-logbook.js';
import { FreePorts } from './free-ports.js';
import { buildHealth } from './health-sources.js';
import type { HealthReport } from './health.js';
import { addressesOf, describeGateway, type Addresses } from './info.js';
import { BusPart } from './i2c/bus-part.js';
import { buildBuses } from './i2c/build-buses.js';
import { PlugBoard } from './i2c/simulated/plug-board.js';
import type { Logger } from './logging/logger.js';
import { LogPublisher } from './logging/log-publisher.js';
import { SparingLogs } from './logging/sparing-log.js';
import { DamageNotice } from './store/damage-notice.js';
import { SingleInstanceLock } from './store/instance-lock.js';
import { chooseReadingStore, type ChosenStore } from './store/choose-reading-store.js';
import { StoreWorker } from './store/store-worker.js';
import type { PartHealth } from './supervised-part.js';
import { Supervisor, type Supervised } from './supervisor.js';
import type { HttpServer } from './web/http-server.js';
import type { SecureDoors } from './tls/secure-doors.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly version: string;
  /** Paths in the configuration (firmware files) are relative to this. */
  readonly configFolder: string;
  readonly dataDir: string;
  readonly simulate: boolean;
  /** An outside broker in place of the embedded one. */
  readonly outsideBrokerUrl?: string;
  /** MongoDB in place of the local history. */
  readonly mongodbUri?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Gateway {
  readonly #parts: Parts;
  readonly #supervisor: Supervisor;
  readonly #doorkeeper: Doorkeeper;

  /** Builds every part; nothing is opened before `start`. */
  constructor(options: GatewayOptions) {
    const world = buildWorld(options, (part, error) => {
      this.#supervisor.fail(part, error);
    });
    this.#doorkeeper = world.doorkeeper;
    this.#parts = buildParts(options, world, () => this.#supervisor.health());
    this.#supervisor = new Supervisor(
      inOrder(options, world, this.#parts),
      options.clock,
      options.logger.log,
    );
  }

  /** Resolves once everything has stopped: with the error that stopped it, or undefined. */
  get ended(): Promise<Error | undefined> {
    return this.#supervisor.ended;
  }

  /** Known once started. */
  get addresses(): Addresses {
    return this.#parts.addresses();
  }

  /** Rejects with the first part's error; what had started is stopped again by then. */
  start(): Promise<void> {
    return this.#supervisor.start();
  }

  /** Reads users, rights and certificates again. */
  async reload(): Promise<void> {
    await Promise.all([this.#doorkeeper.reload(), this.#parts.secure.reload()]);
  }

  /** Within 5 s, with the outbox flushed and status offline said; never rejects. */
  stop(): Promise<void> {
    return this.#supervisor.stop();
  }
}

// ── the world: whatever opens a socket, a file or a bus ─────────────────────────────────────────────────

interface World {
  readonly topics: Topics;
  readonly boot: string;
  readonly doorkeeper: Doorkeeper;
  readonly broker: Broker;
  readonly buses: ReadonlyMap<string, BusPart>;
  readonly outlet: Outlet;
  readonly store: StoreWorker;
  readonly readings: ChosenStore;
  readonly plugs: PlugBoard;
  /** For what clients can cause by the thousand. */
  readonly sparing: SparingLogs;
}

function buildWorld(options: GatewayOptions, fail: (part: string, error: GatewayError) => void): World {
  const { config, clock, logger, dataDir } = options;
  const { log } = logger;
  const topics = new Topics(config.mqtt.base, config.gateway);
  const boot = newBootId(clock.now(), randomBytes(6));
  const sparing = new SparingLogs(log, clock);
  const doorkeeper = openDoorkeeper({ ...options, log: log.child({ part: 'users' }) });
  const broker = openBroker({ ...options, topics, boot, doorkeeper, log: sparing.of('broker') });
  const plugs = new PlugBoard();
  const outlet = new Outlet(broker.bus, logger.unpublished);
  const buses = buildBuses({ ...options, plugs, log, topics, outlet, fail });
  const { keepMs } = config.recorder;
  const store = new StoreWorker({
    ...config.recorder,
    dataDir,
    clock,
    log: log.child({ part: 'store' }),
    onFailure: (error) => {
      fail('store', error);
    },
    limits: config.recorder,
    retention: { keepMs },
  });
  const readings = chooseReadingStore({
    ...options,
    local: store.history,
    keepMs,
    log: log.child({ part: 'mongodb' }),
  });
  return { topics, boot, doorkeeper, broker, buses, outlet, store, readings, plugs, sparing };
}

// ── the bridge: policy over ports ───────────────────────────────────────────────────────────────────────

interface Parts {
  readonly delivery: Delivery;
  readonly time: TimeKeeper;
  readonly recorder: Recorder;
  readonly damage: DamageNotice;
  readonly logbook: LogbookParts;
  readonly poller: Poller;
  readonly outputs: SafeOutputs;
  readonly commands: CommandBridge;
  readonly requests: Requests;
  readonly control: RequestDoors['control'];
  readonly budget: RequestDoors['budget'];
  readonly health: HealthReport;
  readonly announcer: Announcer;
  readonly logPublisher: LogPublisher;
  readonly web: HttpServer;
  readonly secure: SecureDoors;
  addresses(): Addresses;
}

function buildParts(options: GatewayOptions, world: World, lives: () => readonly PartHealth[]): Parts {
  const { config, clock, logger } = options;
  const { topics, boot, broker, outlet, buses, store, readings, plugs, sparing } = world;
  const { log } = logger;
  // Of its own, with its own bound: a flood of commands and its answers must not cost a sample.
  const answers = new Outlet(broker.bus, logger.unpublished);
  const common = {
    topics,
    site: new SiteTopics(config.mqtt.base, [config.gateway]),
    clock,
    log,
    outlet,
    slots: new AnswerSlots(),
    messages: broker.bus,
    newId: () => randomUUID(),
  };
  const delivery = new Delivery({ ...readings, outbox: store.outbox, clock, log });
  const onAccepted = (): void => {
    delivery.wake();
  };
  const sparingLog = sparing.of('recorder');
  const { time, recorder } = buildRecorder({ ...common, boot, store, onAccepted, sparing: sparingLog });
  const logbook = buildLogbook({ ...common, config, store, readings });
  const { chronicle } = logbook;
  const { clients, traces, poller, outputs } = buildDevices({
    ...{ ...common, ...options, config, buses, boot, answers, chronicle },
    marks: store.outputs,
    stamp: (ts) => time.stamp(ts),
  });
  const commands = new CommandBridge({
    ...common,
    outlet: answers,
    refusals: sparing.of('commands'),
    clients,
    outputs,
    ledger: new CommandLedger(store.journal, boot, log),
    chronicle,
    onOutcome: (device, outcome, facts) => {
      poller.noteOutcome(device, outcome, facts);
    },
  });
  const history = new History(store.outbox, readings.store, clock);
  const { handlers, control, budget } = buildRequests({
    ...{ ...options, ...common },
    ...{ buses, traces, history, logbook, plugs, poller },
  });
  const health = buildHealth({
    ...{ ...world, ...common },
    ...{ logger, poller, outputs, budget, commands, recorder, logbook, delivery, answers, lives },
  });
  const info = describeGateway({ ...options, boot, store: readings.store.kind });
  const addresses = (): Addresses => addressesOf(broker, web.url, secure.addresses());
  const { web, secure } = buildWeb({
    ...{ ...options, ...world },
    ...{ poller, delivery, commands, history, logbook, handlers, health },
  });
  return {
    ...{ delivery, time, recorder, logbook, poller, outputs, commands, health },
    ...{ web, secure, control, budget, addresses },
    damage: new DamageNotice({ ...common, store }),
    requests: new Requests({ ...common, outlet: answers, log: sparing.of('requests'), handlers }),
    announcer: new Announcer({ ...common, boot, info, health: () => health.numbers() }),
    logPublisher: new LogPublisher(logger, outlet, topics, config.log.mqtt),
  };
}

/** Every part in the order of its start. Who must hear a message comes before the doors; they close first. */
function inOrder(
  options: GatewayOptions,
  { store, readings, buses, doorkeeper, broker }: World,
  parts: Parts,
): Supervised[] {
  const { delivery, health, announcer, logPublisher, recorder, damage, outputs, commands, requests } = parts;
  const { poller, web, secure, logbook, control, budget, time } = parts;
  return [
    new SingleInstanceLock(options.dataDir),
    new FreePorts(options),
    store,
    ...readings.components,
    delivery,
    ...buses.values(),
    doorkeeper,
    broker,
    health,
    announcer,
    logPublisher,
    ...logbook.components,
    recorder,
    time,
    damage,
    outputs,
    commands,
    requests,
    control,
    budget,
    poller,
    broker.door,
    web,
    ...secure.components,
  ].map((component) => ({ component, restartable: component instanceof BusPart }));
}
