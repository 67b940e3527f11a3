// What an earlier process took, acknowledged and did not answer: each of it is answered before anything new is taken.
import { idOfKey, type CommandMeaning, type LeftCommand, type Moment } from '../../shared/command-journal.js';
import type { AfterRestart } from '../../shared/config/config.js';
import type { GatewayError } from '../../shared/errors.js';
import type { ReplyMessage, ReplyStatus } from '../../shared/messages.js';
import type { Log } from '../../shared/ports.js';
import { ageAtLeastMs } from '../../shared/repeat-rule.js';
import { answered, type AnsweredCommand } from '../messages/answered-command.js';
import type { CommandLedger } from './ledger.js';
import { interrupted, restarted } from './errors.js';
import { parseKept, type KeptCommand } from './kept.js';

export interface LeftCommandsOptions {
  readonly ledger: CommandLedger;
  readonly afterRestart: AfterRestart;
  /** What had not begun and is older than this is not run, whatever the setting says. */
  readonly withinMs: number;
  readonly now: () => Moment;
  readonly chronicle: (command: AnsweredCommand) => Promise<void>;
  readonly log: Log;
  /** Runs one that had certainly not begun: it is answered like any other. */
  readonly run: (left: LeftCommand, kept: KeptCommand) => void;
}

export type LeftCounts = Readonly<Record<'interrupted' | 'restarted' | 'run', number>>;

export class LeftCommands {
  readonly #options: LeftCommandsOptions;
  readonly #counts = { interrupted: 0, restarted: 0, run: 0 };

  constructor(options: LeftCommandsOptions) {
    this.#options = options;
  }

  counts(): LeftCounts {
    return { ...this.#counts };
  }

  /** Resolves when each has its answer on disk, or runs. Rejects with the store's errors. */
  async settle(): Promise<void> {
    const { ledger, log } = this.#options;
    for (let after = 0; ;) {
      const page = await ledger.left(after);
      await Promise.all(page.map((left) => this.#settle(left)));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.position;
    }
    const { interrupted: cut, restarted: refused, run } = this.#counts;
    if (cut + refused + run > 0)
      log.warn(this.counts(), 'commands that an earlier process had taken and not answered are answered now');
  }

  async #settle(left: LeftCommand): Promise<void> {
    const { afterRestart, withinMs, now, run } = this.#options;
    const kept = parseKept(left.body);
    if (left.begun) return this.#answer(left, kept, 'interrupted');
    const isYoung = ageAtLeastMs(left.at, now()) <= withinMs;
    if (kept === undefined || afterRestart === 'reject' || !isYoung)
      return this.#answer(left, kept, 'restarted');
    this.#counts.run += 1;
    run(left, kept);
  }

  async #answer(
    left: LeftCommand,
    kept: KeptCommand | undefined,
    why: 'interrupted' | 'restarted',
  ): Promise<void> {
    const { ledger, chronicle } = this.#options;
    this.#counts[why] += 1;
    const { key, device, name } = left;
    const meaning: CommandMeaning = { device, name, asked: undefined };
    const reply =
      why === 'interrupted'
        ? this.#reply(left, 'failed', interrupted())
        : this.#reply(left, 'rejected', restarted());
    const { args, by } = kept ?? {};
    const entry = { device, name, by, ...(args === undefined ? {} : { args }) };
    // Side by side, so that both are in one write: killed in between, neither is there and the next start answers.
    await Promise.all([ledger.close(key, meaning, reply), chronicle(answered(entry, reply))]);
  }

  #reply({ key, at }: LeftCommand, status: ReplyStatus, error: GatewayError): ReplyMessage {
    const now = this.#options.now();
    const ms = Math.round(ageAtLeastMs(at, now) * 10) / 10;
    return { id: idOfKey(key), status, error: error.toBody(), ts: now.ts, ms };
  }
}
