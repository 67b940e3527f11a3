// Writes that the gateway makes on its own account (on_connect, safe, on_stop): run, recorded and answered like commands.
import type { PlannedWrite } from '../../shared/device-type.js';
import { asGatewayError, type GatewayError } from '../../shared/errors.js';
import type { Occasion, ReplyMessage, ReplyStatus } from '../../shared/messages.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { Topics } from '../../shared/topics.js';
import type { AnsweredCommand } from '../messages/answered-command.js';
import type { CommandTurn, DeviceClient } from '../device/client.js';
import { REPLY, type Outlet } from '../messages/outlet.js';
import { statusOf } from '../messages/reply-status.js';

const DEADLINE_MS = 10_000;
/** At the stop there is no time for more: what is not read back by then is written again at the next start. */
const READ_BACK_AT_STOP_MS = 200;

export interface OwnWritesOptions {
  readonly outlet: Outlet;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
  /** Keeps a write with its answer before the answer goes out; never rejects. */
  readonly chronicle: (command: AnsweredCommand) => Promise<void>;
}

export interface Circumstances {
  readonly by: Occasion;
  /** The id of the command that it follows. */
  readonly of?: string;
  readonly deadlineMs?: number;
  /** Asked when its turn on the bus comes. */
  readonly refuse?: () => Error | undefined;
  readonly hooks?: Pick<CommandTurn, 'before' | 'onWriteEnd' | 'passage'>;
}

export class OwnWrites {
  readonly #options: OwnWritesOptions;
  /** Answers in the order of their writes; never rejects. */
  #answering: Promise<void> = Promise.resolve();

  constructor(options: OwnWritesOptions) {
    this.#options = options;
  }

  /**
   * Settles when the write has ended; rejects with the error that its answer tells. Recording and answering follow by
   * themselves: a disk that takes its time must not hold up the next write, least of all within a stop's 1.5 s.
   */
  async run(client: DeviceClient, write: PlannedWrite, why: Circumstances): Promise<void> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const { deadlineMs = DEADLINE_MS, refuse = () => undefined, hooks } = why;
    // What sets a device up may wait like everybody; all else makes something safe.
    const urgent = why.by !== 'on_connect';
    const readBackMs = why.by === 'on_stop' ? { readBackMs: READ_BACK_AT_STOP_MS } : {};
    try {
      await client.command(write.spec, write.args, { ...hooks, ...readBackMs, deadlineMs, refuse, urgent });
    } catch (thrown) {
      const error = asGatewayError(thrown);
      this.#end(client, write, { ...this.#reply(startedMs, why, statusOf(error)), ...bodyOf(error) });
      throw error;
    }
    const data = Object.fromEntries(write.args);
    this.#end(client, write, { ...this.#reply(startedMs, why, 'done'), data });
  }

  /** Resolves when what was written so far is recorded and its answers are on their way. */
  settled(): Promise<void> {
    return this.#answering;
  }

  #reply(startedMs: number, { by, of }: Circumstances, status: ReplyStatus): ReplyMessage {
    const { clock, newId } = this.#options;
    const ms = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
    return { id: newId(), status, by, ...(of === undefined ? {} : { of }), ts: clock.now(), ms };
  }

  #end({ device }: DeviceClient, { name, args }: PlannedWrite, reply: ReplyMessage): void {
    const { outlet, topics, log, chronicle } = this.#options;
    const { id, status, by, of, ms, error } = reply;
    const facts = { device: device.id, command: name, id, by, of, status, ms };
    if (error === undefined) log.info(facts, 'a write of the gateway’s own is done');
    else log.warn({ ...facts, code: error.code }, `a write of the gateway’s own ${status}: ${error.message}`);
    const recorded = chronicle({ device: device.id, name, args: Object.fromEntries(args), reply });
    this.#answering = Promise.all([recorded, this.#answering]).then(() => {
      outlet.json(topics.reply(device.id, name), reply, REPLY);
    });
  }
}

function bodyOf(error: GatewayError): Pick<ReplyMessage, 'error'> {
  return { error: error.toBody() };
}
