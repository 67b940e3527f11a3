// `--only recorder`: the gateway's right half alone, at somebody else's broker, for one gateway or for many.
//
//   outside broker ─▶ Recorder ──────▶ outbox ──▶ Delivery ─▶ MongoDB, or local history
//                  └▶ LogbookKeeper ─▶ logbook ─▶ Delivery ─▶ MongoDB
//
// It has no buses, no devices and no web: its health is on topics of its own, below its own name.
import { randomBytes, randomUUID } from 'node:crypto';
import { AnswerSlots } from '../bridge/answer-slots.js';
import { Announcer } from '../bridge/announcer.js';
import { Delivery } from '../bridge/delivery.js';
import { History } from '../bridge/history.js';
import { Outlet } from '../bridge/outlet.js';
import { Recorder } from '../bridge/recorder.js';
import { Requests, type RequestHandler } from '../bridge/requests.js';
import { newBootId } from '../shared/boot.js';
import type { GatewayConfig } from '../shared/config/config.js';
import type { Clock, Component } from '../shared/ports.js';
import { SiteTopics } from '../shared/site-topics.js';
import { Topics } from '../shared/topics.js';
import { openOutside } from './broker/open-outside.js';
import type { OutsideBroker } from './broker/outside-broker.js';
import { buildLogbook, type LogbookParts } from './build-logbook.js';
import { outboxNumbers } from './health-sources.js';
import { HealthReport } from './health.js';
import { logLevelHandler } from './logging/level-request.js';
import { LogPublisher } from './logging/log-publisher.js';
import type { Logger } from './logging/logger.js';
import { SparingLogs } from './logging/sparing-log.js';
import { chooseReadingStore, type ChosenStore } from './store/choose-reading-store.js';
import { DamageNotice } from './store/damage-notice.js';
import { SingleInstanceLock } from './store/instance-lock.js';
import { StoreWorker } from './store/store-worker.js';
import { Supervisor } from './supervisor.js';

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
  readonly mongodbUri?: string;
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
  const delivery = new Delivery({ ...readings, outbox: store.outbox, clock, log });
  const onAccepted = (): void => {
    delivery.wake();
  };
  const recorder = new Recorder({
    ...{ site, clock, messages: broker.bus, outbox: store.outbox, onAccepted },
    log: sparing.of('recorder'),
  });
  const logbook = buildLogbook({ ...shared, config: { gateway: name } });
  const history = new History(store.outbox, readings.store, clock);
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
  // Who must hear a message comes before the door; it closes first.
  return [
    new SingleInstanceLock(options.dataDir),
    store,
    ...readings.components,
    delivery,
    broker,
    health,
    new Announcer({ ...shared, info: describe(options, common), health: () => health.numbers() }),
    new LogPublisher(logger, outlet, topics, config.log.mqtt),
    ...logbook.components,
    recorder,
    new DamageNotice({ store, topics, outlet, clock }),
    new Requests({ ...shared, ...requests, handlers }),
    broker.door,
  ];
}

function buildCommon(options: RecorderAloneOptions, { failed }: Lives): Common {
  const { config, clock, logger, dataDir, name, clientId } = options;
  const { log } = logger;
  const topics = new Topics(config.mqtt.base, name);
  const boot = newBootId(clock.now(), randomBytes(6));
  const sparing = new SparingLogs(log, clock);
  const broker = openOutside(options.outsideBrokerUrl, clientId, {
    ...{ topics, boot, clock },
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
    ...{ ...options, local: store.history, keepMs },
    log: log.child({ part: 'mongodb' }),
  });
  const site = new SiteTopics(config.mqtt.base, gateways);
  return {
    topics,
    site,
    boot,
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
      ['store', () => ({ kind: readings.store.kind, ...delivery.state })],
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
  { boot, readings }: Common,
): Readonly<Record<string, unknown>> {
  const { keepMs, gateways = 'all' } = config.recorder;
  return {
    ...{ version, node: process.version, boot, gateway: name, only: 'recorder', broker: 'outside' },
    recorder: { store: readings.store.kind, keepMs, gateways },
  };
}
