// The logbook's parts: who keeps it, who takes it to MongoDB where that is the store, and who answers from it.
import type { AnsweredCommand } from '../../bridge/messages/answered-command.js';
import { formerOf } from '../../bridge/history/also-former.js';
import { Delivery } from '../../bridge/recording/delivery.js';
import { LogbookKeeper } from '../../bridge/logbook/keeper.js';
import { answerLogbook, type LogbookAnswer } from '../../bridge/logbook/request.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import type { Clock, Component, Log, MessageBus } from '../../shared/ports.js';
import type { SiteTopics } from '../../shared/site-topics.js';
import type { ChosenStore } from '../store/choose-reading.js';
import type { StoreWorker } from '../store/durable/worker.js';

export interface LogbookSources {
  readonly config: Pick<GatewayConfig, 'gateway' | 'devices'>;
  readonly site: SiteTopics;
  readonly messages: MessageBus;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: StoreWorker;
  readonly readings: ChosenStore;
}

export interface LogbookParts {
  readonly keeper: LogbookKeeper;
  /** Keeps a command with its answer before the answer goes out; never rejects. */
  readonly chronicle: (command: AnsweredCommand) => Promise<void>;
  /** In the order of their start. */
  readonly components: readonly Component[];
  /** Handles `request/logbook`. */
  answer(data: unknown): Promise<LogbookAnswer>;
}

export function buildLogbook({ config, store, readings, clock, ...common }: LogbookSources): LogbookParts {
  const log = common.log.child({ part: 'logbook' });
  const { logbook } = store;
  const delivery =
    readings.logbook === undefined
      ? undefined
      : new Delivery({ name: 'logbook delivery', outbox: logbook, store: readings.logbook, clock, log });
  const keeper = new LogbookKeeper({
    ...common,
    log,
    clock,
    logbook,
    gateway: config.gateway,
    onKept: () => {
      delivery?.wake();
    },
  });
  const former = formerOf(config.gateway, config.devices);
  return {
    keeper,
    chronicle: (command) => keeper.command(command),
    components: delivery === undefined ? [keeper] : [delivery, keeper],
    answer: (data) => answerLogbook(logbook, data, clock, () => common.messages.largestMessage, former),
  };
}
