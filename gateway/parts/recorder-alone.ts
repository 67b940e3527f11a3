// `--only recorder`: the gateway's right half alone, at somebody else's broker, for one gateway or for many.
//
//   outside broker ─▶ Recorder ──────▶ outbox ──▶ Delivery ─▶ MongoDB, or local history
//                  └▶ LogbookKeeper ─▶ logbook ─▶ Delivery ─▶ MongoDB
//
// It has no buses, no devices and no web: its health is on topics of its own, below its own name.
import { randomBytes, randomUUID } from 'node:crypto';
import { AnswerSlots } from '../../bridge/messages/answer-slots.js';
import { Announcer } from '../../bridge/messages/announcer.js';
import { Delivery } from '../../bridge/recording/delivery.js';
import { History } from '../../bridge/history/history.js';
import { Outlet } from '../../bridge/messages/outlet.js';
import { Recorder } from '../../bridge/recording/recorder.js';
import { TimeKeeper } from '../../bridge/recording/time-keeper.js';
import { ownRetained } from '../../bridge/messages/retained-topics.js';
import { Requests, type RequestHandler } from '../../bridge/requests/requests.js';
import { newBootId } from '../../shared/boot.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock, Component } from '../../shared/ports.js';
import { SiteTopics } from '../../shared/site-topics.js';
import { Topics } from '../../shared/topics.js';
import { parseBrokerUrl } from '../broker/outside/link/broker-url.js';
import { KnownBoots } from '../broker/outside/rivals/known-boots.js';
import { openOutside } from '../broker/outside/open.js';
import type { OutsideBroker } from '../broker/outside/broker.js';
import { buildLogbook, type LogbookParts } from './logbook.js';
import { outboxNumbers, storeNumbers } from './health-sources.js';
import { HealthReport } from '../health/report.js';
import { HealthTeller } from '../health/teller.js';
import { logLevelHandler } from '../logging/level-request.js';
import { LogPublisher } from '../logging/log-publisher.js';
import type { Logger } from '../logging/logger.js';
import { SparingLogs } from '../logging/sparing-log.js';
import { RetainedLedger } from '../left-behind/ledger.js';
import { chooseReadingStore, type ChosenStore, type MongoPlace } from '../store/choose-reading.js';
import { DamageNotice } from './notices/damage.js';
import { SingleInstanceLock } from '../store/file/instance-lock.js';
import { StoreWorker } from '../store/durable/worker.js';
import { Supervisor } from '../supervision/supervisor.js';
import { judgeOf } from '../process/clock-sync.js';
import { whereabouts } from '../process/whereabouts.js';

export interface RecorderAloneOptions {
  /** Of it `recorder`, `log` and `mqtt.base` count. */
  readonly config: Pick<GatewayConfig, 'recorder' | 'log' | 'mqtt'>;
  /** Its own level in its topics. */
  readonly name: string;
  /** Its session at the broker: the same at every start, and no other client's. */
  readonly clientId: string;
  readonly version: string;
  readonly dataDir: string;
  readonly outsideBrokerUrl: string;
  /** MongoDB in place of the local history. */
  readonly mongo?: MongoPlace | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class RecorderAlone {
  readonly #supervisor: Supervisor;

  /** Builds every part; nothing is opened before `start`. */
  constructor(options: RecorderAloneOptions) {
    const components = buildParts(options, {
      failed: (error) => {
        this.#supervisor.fail('store', error);
      },
      lives: () => this.#supervisor.health(),
    });
    const supervised = components.map((component) => ({ component }));
    this.#supervisor = new Supervisor(supervised, options.clock, options.logger.log);
  }

  /** Resolves once everything has stopped: with the error that stopped it, or undefined. */
  get ended(): Promise<Error | undefined> {
    return this.#supervisor.ended;
  }

  /** Rejects with the first part's error; what had started is stopped again by then. */
  start(): Promise<void> {
    return this.#supervisor.start();
  }

  /** Within 5 s, with the outbox flushed and status offline said; never rejects. */
  stop(): Promise<void> {
    return this.#supervisor.stop();
  }
}

interface Lives {
  readonly failed: (error: Error) => void;
  readonly lives: () => unknown;
}

interface Common {
  readonly topics: Topics;
  readonly site: SiteTopics;
  readonly boot: string;
  readonly boots: KnownBoots;
  readonly sparing: SparingLogs;
  readonly broker: OutsideBroker;
  readonly outlet: Outlet;
  readonly store: StoreWorker;
  readonly readings: ChosenStore;
}

function buildParts(options: RecorderAloneOptions, lives: Lives): readonly Component[] {
  const { clock, logger, name, config } = options;
  const { log } = logger;
  const common = buildCommon(options, lives);
  const { topics, site, sparing, broker, outlet, store, readings } = common;
  const shared = { ...common, clock, log, messages: broker.bus };
  const held = (): string | undefined => time.held();
  const delivery = new Delivery({ ...readings, outbox: store.outbox, held, clock, log });
  const onAccepted = (): void => {
    delivery.wake();
  };
  const time = new TimeKeeper({ ...shared, ...judgeOf(clock), corrector: store, onReleased: onAccepted });
  const recorder = new Recorder({
    ...{ site, clock, messages: broker.bus, outbox: store.outbox, onAccepted, time },
    log: sparing.of('recorder'),
  });
  const logbook = buildLogbook({ ...shared, config: { gateway: name, devices: new Map() } });
  const history = new History(store.outbox, readings.store, clock, () => broker.bus.largestMessage);
  const handlers = new Map<string, RequestHandler>([
    ['history', (data) => history.answer(data)],
    ['logbook', (data) => logbook.answer(data)],
    ['log_level', logLevelHandler(logger)],
  ]);
  const requests = { slots: new AnswerSlots(), newId: () => randomUUID(), log: sparing.of('requests') };
  const health = buildHealth({
    ...common,
    ...{ recorder, logbook, delivery, logger, clock },
    lives: lives.lives,
  });
  const teller = new HealthTeller({ ...shared, report: health });
  const announcer = new Announcer({
    ...shared,
    where: whereabouts,
    info: () => describe(options, common),
    sayHealth: () => teller.tell(),
  });
  broker.versions.onChange(() => {
    announcer.sayInfo();
  });
  // Who must hear a message comes before the door; it closes first.
  return [
    new SingleInstanceLock(options.dataDir),
    store,
    ...readings.components,
    delivery,
    broker,
    health,
    announcer,
    new RetainedLedger({
      ...{ ...shared, dataDir: options.dataDir, bus: broker.bus, devices: () => [] },
      log: log.child({ part: 'retained topics' }),
      expected: () => ownRetained(topics),
      url: parseBrokerUrl(options.outsideBrokerUrl),
    }),
    new LogPublisher(logger, outlet, topics, config.log.mqtt),
    ...logbook.components,
    time,
    recorder,
    new DamageNotice({ store, topics, outlet, clock }),
    new Requests({ ...shared, ...requests, handlers }),
    broker.door,
    store.haste,
  ];
}

function buildCommon(options: RecorderAloneOptions, { failed }: Lives): Common {
  const { config, clock, logger, dataDir, name, clientId } = options;
  const { log } = logger;
  const topics = new Topics(config.mqtt.base, name);
  const boot = newBootId(clock.now(), randomBytes(6));
  const boots = new KnownBoots(boot);
  const sparing = new SparingLogs(log, clock);
  const broker = openOutside(options.outsideBrokerUrl, clientId, {
    ...{ topics, boots, clock },
    log: sparing.of('broker'),
  });
  const { keepMs, gateways } = config.recorder;
  const store = new StoreWorker({
    ...{ ...config.recorder, dataDir, clock },
    log: log.child({ part: 'store' }),
    onFailure: failed,
    limits: config.recorder,
    retention: { keepMs },
  });
  const readings = chooseReadingStore({
    ...{ ...options, local: store.history, keepMs, owner: name },
    log: log.child({ part: 'mongodb' }),
  });
  const site = new SiteTopics(config.mqtt.base, gateways);
  return {
    topics,
    site,
    boot,
    boots,
    sparing,
    broker,
    store,
    readings,
    outlet: new Outlet(broker.bus, logger.unpublished),
  };
}

interface HealthSources extends Pick<Common, 'store' | 'readings' | 'broker' | 'outlet' | 'sparing'> {
  readonly recorder: Recorder;
  readonly logbook: LogbookParts;
  readonly delivery: Delivery;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly lives: () => unknown;
}

/** By the names that a gateway's health has. */
function buildHealth(sources: HealthSources): HealthReport {
  const { store, readings, broker, outlet, sparing, recorder, logbook, delivery, logger, lives } = sources;
  return new HealthReport(
    new Map<string, () => unknown>([
      ['recorder', () => recorder.counts()],
      ['logbook', () => logbook.keeper.counts()],
      ['outbox', () => outboxNumbers(store)],
      ['store', () => storeNumbers(readings.store, delivery)],
      ['broker', () => broker.stats()],
      ['publishing', () => outlet.counts()],
      ['log', () => ({ ...logger.health(), leftOutLines: sparing.leftOutLines })],
      ['parts', lives],
    ]),
    sources.clock,
  );
}

/** The payload of its info topic. No secrets. */
function describe(
  { version, name, config }: RecorderAloneOptions,
  { boot, readings, broker }: Common,
): Readonly<Record<string, unknown>> {
  const { keepMs, gateways = 'all' } = config.recorder;
  return {
    ...{ version, node: process.version, boot, gateway: name, only: 'recorder', broker: 'outside' },
    mqtt: broker.versions.names,
    recorder: { store: readings.store.kind, keepMs, gateways },
  };
}
