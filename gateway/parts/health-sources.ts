// Which part gives which numbers to the health topic.
import type { AnswerSlots } from '../../bridge/messages/answer-slots.js';
import type { BusBudget } from '../../bridge/trace/budget.js';
import type { CommandBridge } from '../../bridge/commands/bridge.js';
import type { Delivery } from '../../bridge/recording/delivery.js';
import type { Outlet } from '../../bridge/messages/outlet.js';
import type { Poller } from '../../bridge/polling/poller.js';
import type { Recorder } from '../../bridge/recording/recorder.js';
import type { RefusalTally } from '../../bridge/messages/refusal-tally.js';
import type { RequestCounts } from '../../bridge/requests/requests.js';
import type { SafeOutputs } from '../../bridge/outputs/safe.js';
import type { LogbookParts } from './logbook.js';
import { defined } from '../../shared/config/defined.js';
import type { Clock } from '../../shared/ports.js';
import type { ReadingStore } from '../../shared/stores.js';
import type { Alarms } from '../alarms/build.js';
import type { Broker } from '../broker/broker.js';
import type { Doorkeeper } from '../broker/rights/doorkeeper.js';
import { HealthReport } from '../health/report.js';
import type { BusPart } from '../i2c/bus-part.js';
import type { Logger } from '../logging/logger.js';
import type { SparingLogs } from '../logging/sparing-log.js';
import type { ChosenStore } from '../store/choose-reading.js';
import type { Reloader } from '../reload/reloader.js';
import type { StoreWorker } from '../store/durable/worker.js';
import type { PartHealth } from '../supervision/supervised-part.js';
import type { RequestBodies } from '../web/bodies.js';

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
  readonly alarms: Alarms;
  readonly budget: BusBudget;
  readonly commands: CommandBridge;
  readonly refusedCommands: Pick<RefusalTally, 'told'>;
  /** Asked for at each report: it begins after this is built. */
  readonly requests: () => RequestCounts;
  readonly recorder: Recorder;
  readonly delivery: Delivery;
  readonly logbook: LogbookParts;
  readonly outlet: Outlet;
  readonly answers: Outlet;
  readonly slots: AnswerSlots;
  readonly sparing: SparingLogs;
  readonly bodies: RequestBodies;
  readonly lives: () => readonly PartHealth[];
  readonly reloader: () => Reloader | undefined;
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
    ['alarms', () => ({ ...sources.alarms.keeper.health(), webhooks: sources.alarms.teller.health() })],
    [
      'commands',
      async () => ({
        ...commands.counts(),
        ...defined({ refusedByDevice: sources.refusedCommands.told() }),
        journal: await store.journal.stats(),
      }),
    ],
    ['requests', () => sources.requests()],
    ['recorder', () => recorder.counts()],
    ['logbook', () => logbook.keeper.counts()],
    ['outbox', () => outboxNumbers(store)],
    ['store', () => storeNumbers(readings.store, delivery)],
    ['broker', () => broker.stats()],
    ['logins', () => sources.doorkeeper.logins()],
    ['web', () => sources.bodies.numbers()],
    ['publishing', () => ({ ...outlet.counts(), answers: { ...answers.counts(), ...slots.counts() } })],
    ['log', () => ({ ...logger.health(), leftOutLines: sparing.leftOutLines })],
    ['configuration', () => sources.reloader()?.health() ?? {}],
    ['parts', lives],
  ]);
  return new HealthReport(numbers, sources.clock);
}

/** What becomes of what was delivered. */
export function storeNumbers(store: ReadingStore, delivery: Pick<Delivery, 'state'>): unknown {
  const lacks = store.lacks?.() ?? [];
  return { kind: store.kind, ...delivery.state, ...(lacks.length === 0 ? {} : { lacks }) };
}

export async function outboxNumbers(store: StoreWorker): Promise<unknown> {
  const { setAside } = store;
  const damaged = {
    ...(setAside === undefined ? {} : { setAside }),
    ...(store.damagedRows === 0 ? {} : { damagedRows: store.damagedRows }),
  };
  return { ...(await store.outbox.stats()), ...store.outbox.drops, ...damaged };
}
