// The one file that wires it all. Read this first.
//
//   command topic ─▶ CommandBridge ─┐                            ┌─▶ reply topic
//                                   ├─▶ DeviceClient ─▶ BusPart ─┤
//   Ticker ────────▶ Poller ────────┘   (one at a time)          └─▶ state and value topics
//                      │ samples
//                      ▼
//   clients' ─────▶ Recorder ─▶ outbox ─▶ Delivery ─▶ MongoDB, or local history
//   telemetry          └─ on disk ─▶ telemetry topic
//
//   All topics are those of one Broker: embedded (TCP, WebSocket, page), or outside.
import { randomUUID } from 'node:crypto';
import { AnswerSlots } from '../bridge/messages/answer-slots.js';
import type { CommandBridge } from '../bridge/commands/bridge.js';
import { Delivery } from '../bridge/recording/delivery.js';
import { formerOf, ofBothIds } from '../bridge/history/also-former.js';
import { History } from '../bridge/history/history.js';
import { Outlet } from '../bridge/messages/outlet.js';
import type { Poller } from '../bridge/polling/poller.js';
import type { TimeKeeper } from '../bridge/recording/time-keeper.js';
import type { Recorder } from '../bridge/recording/recorder.js';
import { RefusalTally } from '../bridge/messages/refusal-tally.js';
import { Requests } from '../bridge/requests/requests.js';
import type { SafeOutputs } from '../bridge/outputs/safe.js';
import { asGatewayError, type GatewayError } from '../shared/errors.js';
import type { Component } from '../shared/ports.js';
import { SiteTopics } from '../shared/site-topics.js';
import { buildAlarms, type Alarms } from './alarms/build.js';
import type { Doorkeeper } from './broker/rights/doorkeeper.js';
import { buildRecorder } from './parts/recorder.js';
import { buildCommands } from './parts/commands.js';
import { buildDevices } from './parts/devices.js';
import { buildRequests, type RequestDoors } from './parts/requests.js';
import { buildRetained } from './parts/retained.js';
import { buildWeb } from './parts/web.js';
import { buildWorld, type GatewayOptions, type World } from './parts/world.js';
import { buildLogbook, type LogbookParts } from './parts/logbook.js';
import { FreePorts } from './parts/free-ports.js';
import { buildHealth } from './parts/health-sources.js';
import type { HealthReport } from './health/report.js';
import { buildChanging, type ChangingParts } from './parts/changing.js';
import { addressesOf, type Addresses } from './parts/info.js';
import { BusPart } from './i2c/bus-part.js';
import { LogPublisher } from './logging/log-publisher.js';
import { DamageNotice } from './parts/notices/damage.js';
import { StandstillNotice } from './parts/notices/standstill.js';
import type { ReloadSources } from './reload/build.js';
import { SingleInstanceLock } from './store/file/instance-lock.js';
import { proveLife } from './supervision/proof-of-life.js';
import type { PartHealth } from './supervision/supervised-part.js';
import { Supervisor, type Supervised } from './supervision/supervisor.js';
import { RequestBodies } from './web/bodies.js';
import type { HttpServer } from './web/server.js';
import type { SecureDoors } from './parts/secure-doors.js';

export class Gateway {
  readonly #parts: Parts;
  readonly #supervisor: Supervisor;
  readonly #doorkeeper: Doorkeeper;

  /** Builds every part; nothing is opened before `start`. */
  constructor(given: GatewayOptions) {
    // From here on they are those that run: they follow a configuration that changes.
    const devices = new Map(given.config.devices);
    const options = { ...given, config: { ...given.config, devices } };
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

  /** Reads users, rights, certificates and the configuration again. Resolves with why the last is not taken up, which is said. */
  async reload(): Promise<GatewayError | undefined> {
    const refused = this.#parts.reloader?.reload().then(() => undefined, asGatewayError);
    await Promise.all([this.#doorkeeper.reload(), this.#parts.secure.reload()]);
    return refused;
  }

  /** Resolves once the store's thread and the embedded broker have answered; rejects where a bus is stuck. */
  async proveLife(): Promise<void> {
    await this.#parts.proveLife();
  }

  /** Within 5 s, with the outbox flushed and status offline said; never rejects. */
  stop(): Promise<void> {
    return this.#supervisor.stop();
  }
}

// ── the bridge: policy over ports ───────────────────────────────────────────────────────────────────────

type LiveOptions = GatewayOptions & Pick<ReloadSources, 'config'>;

interface Parts extends ChangingParts {
  readonly delivery: Delivery;
  readonly time: TimeKeeper;
  readonly recorder: Recorder;
  readonly damage: DamageNotice;
  readonly standstill: StandstillNotice;
  readonly logbook: LogbookParts;
  readonly poller: Poller;
  readonly alarms: Alarms;
  readonly outputs: SafeOutputs;
  readonly commands: CommandBridge;
  readonly requests: Requests;
  readonly control: RequestDoors['control'];
  readonly budget: RequestDoors['budget'];
  readonly health: HealthReport;
  readonly retained: Component;
  readonly logPublisher: LogPublisher;
  readonly web: HttpServer;
  readonly secure: SecureDoors;
  addresses(): Addresses;
  proveLife(): Promise<void>;
}

function buildParts(options: LiveOptions, world: World, lives: () => readonly PartHealth[]): Parts {
  const { config, clock, logger } = options;
  const { topics, boot, broker, outlet, buses, store, readings, plugs, sparing } = world;
  // Of its own, with its own bound: a flood of commands and its answers must not cost a sample.
  const answers = new Outlet(broker.bus, logger.unpublished);
  const common = commonOf(options, world);
  const delivery = new Delivery({ ...readings, ...common, outbox: store.outbox, held: () => time.held() });
  const onAccepted = delivery.wake.bind(delivery);
  const { time, recorder, telemetry } = buildRecorder({
    ...{ ...common, config, boot, store, onAccepted, messages: broker.recordable ?? broker.bus },
    sparing: sparing.of('recorder'),
  });
  const logbook = buildLogbook({ ...common, config, store, readings });
  const { chronicle, keeper } = logbook;
  for (const each of [outlet, answers]) each.keepFirst(topics.event, (payload) => keeper.own(payload));
  const alarms = buildAlarms({ ...options, ...common });
  const { clients, newClient, traces, poller, outputs } = buildDevices({
    ...{ ...common, ...options, config, buses, boot, answers, telemetry, chronicle, alarms: alarms.keeper },
    marks: store.outputs,
    stamp: (ts) => time.stamp(ts),
  });
  const [refusedCommands, bodies] = [new RefusalTally(), new RequestBodies()];
  const commands = buildCommands({
    ...{ ...common, config, boot, store, answers, clients, outputs, chronicle },
    onRefused: (device, error) => {
      refusedCommands.note(device, error, clock.now());
    },
    refusals: sparing.of('commands'),
    onOutcome: (device, outcome, facts) => {
      poller.noteOutcome(device, outcome, facts);
    },
  });
  const recorded = ofBothIds(store.outbox, readings.store, formerOf(config.gateway, config.devices));
  const history = new History(...recorded, clock, () => broker.bus.largestMessage);
  const { handlers, control, budget } = buildRequests({
    ...{ ...options, ...common },
    ...{ buses, traces, history, logbook, plugs, poller, outputs, commands, alarms },
    reloader: () => reloader,
  });
  const health = buildHealth({
    ...{ ...world, ...common },
    ...{ logger, poller, outputs, alarms, budget, commands, recorder, logbook, delivery, answers, lives },
    ...{ refusedCommands, bodies, requests: () => requests.counts(), reloader: () => reloader },
  });
  const retained = buildRetained({ ...options, ...world, ...common });
  const requests = new Requests({ ...common, outlet: answers, log: sparing.of('requests'), handlers });
  const { web, secure } = buildWeb({
    ...{ ...options, ...world },
    ...{ poller, delivery, commands, history, logbook, handlers, health, bodies },
  });
  const { announcer, home, reloader } = buildChanging(options, world, {
    ...{ ...common, ...world, config, report: health, retained, clients, newClient, poller, outputs },
    ...{ traces, answers, alarms: alarms.keeper },
  });
  return {
    ...{ delivery, time, recorder, logbook, poller, alarms, outputs, commands, health },
    ...{ web, secure, control, budget, requests, retained, announcer, home, reloader },
    addresses: () => addressesOf(broker, web.url, secure.addresses()),
    proveLife: () => proveLife(world, options.outsideBrokerUrl === undefined),
    ...{ damage: new DamageNotice({ ...common, store }), standstill: new StandstillNotice(common) },
    logPublisher: new LogPublisher(logger, outlet, topics, config.log.mqtt),
  };
}

/** What most of them want. */
function commonOf({ config, clock, logger }: LiveOptions, { topics, outlet, broker }: World) {
  return {
    ...{ topics, clock, outlet, log: logger.log, messages: broker.bus },
    site: new SiteTopics(config.mqtt.base, [config.gateway]),
    slots: new AnswerSlots(),
    newId: (): string => randomUUID(),
  };
}

/** In the order of their start. Who must hear a message comes before the doors; they close first. */
function inOrder(
  options: GatewayOptions,
  { store, readings, buses, doorkeeper, broker }: World,
  parts: Parts,
): Supervised[] {
  const {
    delivery,
    health,
    announcer,
    logPublisher,
    recorder,
    damage,
    standstill,
    alarms,
    outputs,
    commands,
    requests,
  } = parts;
  const { poller, web, secure, logbook, control, budget, time, retained, home, reloader } = parts;
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
    retained,
    logPublisher,
    ...logbook.components,
    time,
    recorder,
    damage,
    standstill,
    alarms.teller,
    alarms.keeper,
    outputs,
    commands,
    requests,
    control,
    budget,
    poller,
    home,
    ...(reloader === undefined ? [] : [reloader]),
    broker.door,
    web,
    ...secure.components,
    store.haste,
  ].map((component) => ({ component, restartable: component instanceof BusPart }));
}
