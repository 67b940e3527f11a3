// Who runs commands: the bridge, with what it remembers and how it tells its answers.
import { CommandBridge, type CommandBridgeOptions } from '../../bridge/commands/bridge.js';
import { CommandLedger } from '../../bridge/commands/ledger.js';
import { AnswerTeller } from '../../bridge/commands/answer-teller.js';
import type { Outlet } from '../../bridge/messages/outlet.js';
import type { GatewayConfig } from '../../shared/config/config.js';
import { momentsOf } from '../process/moments.js';
import type { StoreWorker } from '../store/durable/worker.js';

type Given = Omit<CommandBridgeOptions, 'teller' | 'ledger' | 'now' | 'withinMs' | 'afterRestart'>;

export interface CommandSources extends Given {
  readonly config: GatewayConfig;
  readonly boot: string;
  readonly store: StoreWorker;
  /** Of the answers alone. */
  readonly answers: Outlet;
}

export function buildCommands(sources: CommandSources): CommandBridge {
  const { config, boot, store, answers, ...common } = sources;
  const { repeatWithinMs: withinMs, afterRestart } = config.commands;
  const { journal } = store;
  const now = momentsOf(common.clock, boot);
  return new CommandBridge({
    ...common,
    ...{ now, withinMs, afterRestart },
    ledger: new CommandLedger({ ...common, journal, boot, now, withinMs }),
    teller: new AnswerTeller({ ...common, journal, outlet: answers }),
  });
}
