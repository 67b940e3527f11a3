// The one answer of each command: written down with its line in the logbook, then told.
import { idKey, ownKey, type CommandMeaning } from '../../shared/command-journal.js';
import type { GatewayError } from '../../shared/errors.js';
import type { ReplyMessage, ReplyStatus } from '../../shared/messages.js';
import type { Clock, Log } from '../../shared/ports.js';
import { answered, type AnsweredCommand } from '../messages/answered-command.js';
import type { Admission, CommandLedger } from './ledger.js';
import type { AnswerTeller } from './answer-teller.js';
import { replyTo, type Arrival, type CommandRequest } from './arrival.js';

export interface CommandAnswersOptions {
  readonly ledger: CommandLedger;
  readonly teller: AnswerTeller;
  readonly clock: Clock;
  readonly log: Log;
  /** For commands that were not run: a client can send them by the thousand. */
  readonly refusals: Log;
  /** Makes an id for a command that came without one. */
  readonly newId: () => string;
  /** Keeps a command with its answer before the answer goes out; never rejects. */
  readonly chronicle: (command: AnsweredCommand) => Promise<void>;
}

/** An answer that is on disk, and when it has left. */
export interface Answered {
  readonly reply: ReplyMessage;
  readonly left: Promise<void>;
}

export interface AnswerCounts {
  readonly repeated: number;
  readonly byStatus: Readonly<Partial<Record<ReplyStatus, number>>>;
}

export class CommandAnswers {
  readonly #options: CommandAnswersOptions;
  readonly #byStatus: Partial<Record<ReplyStatus, number>> = {};
  #repeated = 0;

  constructor(options: CommandAnswersOptions) {
    this.#options = options;
  }

  counts(): AnswerCounts {
    return { repeated: this.#repeated, byStatus: { ...this.#byStatus } };
  }

  /** Of a command that was admitted. */
  async conclude(arrival: Arrival, asked: string | undefined, reply: ReplyMessage): Promise<Answered> {
    const { ledger, chronicle, teller } = this.#options;
    const { device, name, id } = arrival;
    const meaning: CommandMeaning = { device, name, asked };
    const key = idKey(id);
    // Side by side, so that both are in one write.
    const [{ position }] = await Promise.all([
      teller.keeping(key, () => ledger.close(key, meaning, reply)),
      chronicle(answered(arrival, reply)),
    ]);
    return this.#answer(arrival, reply, position);
  }

  /**
   * Of one that was refused unheard. Where it is acknowledged its answer is kept first: it is told whatever happens, and
   * a redelivered one has the same. `kept` is called when that is so.
   */
  async refuse(
    arrival: Arrival,
    error: GatewayError,
    request: CommandRequest,
    kept: () => void,
  ): Promise<Answered> {
    const { ledger, chronicle, teller, clock, newId } = this.#options;
    const reply = replyTo(arrival, clock, 'rejected', error);
    const { delivery } = request;
    if (delivery === undefined) {
      await chronicle(answered(arrival, reply));
      kept();
      return this.#answer(arrival, reply, undefined);
    }
    const key = ownKey(newId());
    const { device, name } = arrival;
    // Nobody runs it, so no more of it is kept.
    const meaning = { device, name, asked: '' };
    const refused = { key, delivery, meaning, body: '', reply: JSON.stringify(reply) };
    const noting = chronicle(answered(arrival, reply));
    const { position, earlier } = await teller.keeping(key, () => ledger.keepRefused(refused));
    await noting;
    await ledger.flushed();
    kept();
    if (earlier !== undefined) return this.repeat(arrival, { kind: 'answered', reply: earlier });
    return this.#answer(arrival, reply, position);
  }

  /** The answer it had, said to be that. Of one that still runs the answer comes once, for both. */
  async repeat(
    arrival: Arrival,
    admission: Extract<Admission, { kind: 'running' | 'answered' }>,
  ): Promise<Answered> {
    const { refusals, chronicle, teller } = this.#options;
    this.#repeated += 1;
    const { device, name, id } = arrival;
    const first = JSON.parse(await admission.reply) as ReplyMessage;
    const reply: ReplyMessage = { ...first, repeated: true };
    refusals.info({ device, command: name, id }, 'a repeated command got its stored answer');
    await chronicle(answered(arrival, reply));
    if (admission.kind === 'running') return { reply, left: Promise.resolve() };
    const { answerTo } = arrival;
    return { reply, left: teller.tell({ device, name, reply: JSON.stringify(reply), answerTo }) };
  }

  /** The answer is on disk; it leaves by itself. */
  #answer(arrival: Arrival, reply: ReplyMessage, position: number | undefined): Answered {
    const { log, refusals, teller } = this.#options;
    this.#byStatus[reply.status] = (this.#byStatus[reply.status] ?? 0) + 1;
    const { device, name, answerTo } = arrival;
    const left = teller.tell({ device, name, reply: JSON.stringify(reply), position, answerTo });
    const facts = {
      device: device.slice(0, 64),
      command: name.slice(0, 64),
      id: reply.id,
      status: reply.status,
      ms: reply.ms,
    };
    if (reply.error === undefined) log.info(facts, 'command done');
    else {
      const ran = reply.status === 'done' || reply.status === 'failed';
      (ran ? log : refusals).warn(
        { ...facts, code: reply.error.code },
        `command ${reply.status}: ${reply.error.message}`,
      );
    }
    return { reply, left };
  }
}
