// Which part gives which numbers to the health topic.
import type { AnswerSlots } from '../bridge/answer-slots.js';
import type { BusBudget } from '../bridge/bus-budget.js';
import type { CommandBridge } from '../bridge/command-bridge.js';
import type { Delivery } from '../bridge/delivery.js';
import type { Outlet } from '../bridge/outlet.js';
import type { Poller } from '../bridge/poller.js';
import type { Recorder } from '../bridge/recorder.js';
import type { SafeOutputs } from '../bridge/safe-outputs.js';
import type { LogbookParts } from './build-logbook.js';
import type { Clock } from '../shared/ports.js';
import type { Broker } from './broker/broker.js';
import type { Doorkeeper } from './broker/rights/doorkeeper.js';
import { HealthReport } from './health.js';
import type { BusPart } from './i2c/bus-part.js';
import type { Logger } from './logging/logger.js';
import type { SparingLogs } from './logging/sparing-log.js';
import type { ChosenStore } from './store/choose-reading-store.js';
import type { StoreWorker } from './store/store-worker.js';
import type { PartHealth } from './supervised-part.js';

interface HealthSources {
  readonly clock: Clock;
  readonly buses: ReadonlyMap<string, BusPart>;
  readonly store: StoreWorker;
  readonly readings: ChosenStore;
  readonly broker: Broker;
  readonly doorkeeper: Doorkeeper;
  readonly logger: Logger;
  readonly poller: Poller;
  readonly outputs: SafeOutputs;
  readonly budget: BusBudget;
  readonly commands: CommandBridge;
  readonly recorder: Recorder;
  readonly delivery: Delivery;
  readonly logbook: LogbookParts;
  readonly outlet: Outlet;
  readonly answers: Outlet;
  readonly slots: AnswerSlots;
  readonly sparing: SparingLogs;
  readonly lives: () => readonly PartHealth[];
}

/** What the health topic tells, and of which part. */
export function buildHealth(sources: HealthSources): HealthReport {
  const { buses, store, readings, broker, logger, sparing, poller, outputs, commands, recorder, delivery } =
    sources;
  const { logbook, outlet, answers, slots, lives } = sources;
  const numbers = new Map<string, () => unknown>([
    ['buses', () => Object.fromEntries([...buses].map(([id, bus]) => [id, bus.health()]))],
    ['budget', () => sources.budget.health()],
    ['devices', () => poller.health()],
    ['outputs', () => outputs.health()],
    ['commands', () => commands.counts()],
    ['recorder', () => recorder.counts()],
    ['logbook', () => logbook.keeper.counts()],
    ['outbox', () => outboxNumbers(store)],
    ['store', () => ({ kind: readings.store.kind, ...delivery.state })],
    ['broker', () => broker.stats()],
    ['logins', () => sources.doorkeeper.logins()],
    ['publishing', () => ({ ...outlet.counts(), answers: { ...answers.counts(), ...slots.counts() } })],
    ['log', () => ({ ...logger.health(), leftOutLines: sparing.leftOutLines })],
    ['parts', lives],
  ]);
  return new HealthReport(numbers, sources.clock);
}

export async function outboxNumbers(store: StoreWorker): Promise<unknown> {
  const { setAside } = store;
  const damaged = setAside === undefined ? {} : { setAside };
  return { ...(await store.outbox.stats()), ...store.outbox.drops, ...damaged };
}
