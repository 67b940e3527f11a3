// Writes that the gateway makes on its own account (on_connect, safe, on_stop): run, answered and logged like commands.
import type { PlannedWrite } from '../shared/device-type.js';
import { asGatewayError, type ErrorCode, type GatewayError } from '../shared/errors.js';
import type { Occasion, ReplyMessage, ReplyStatus } from '../shared/messages.js';
import type { Clock, Log } from '../shared/ports.js';
import type { Topics } from '../shared/topics.js';
import type { DeviceClient } from './device-client.js';
import { ONCE, type Outlet } from './outlet.js';

const DEADLINE_MS = 10_000;

export interface OwnWritesOptions {
  readonly outlet: Outlet;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
}

export interface Circumstances {
  readonly by: Occasion;
  /** The id of the command that it follows. */
  readonly of?: string;
  readonly deadlineMs?: number;
  /** Asked when its turn on the bus comes. */
  readonly refuse?: () => Error | undefined;
}

export class OwnWrites {
  readonly #options: OwnWritesOptions;

  constructor(options: OwnWritesOptions) {
    this.#options = options;
  }

  /** Resolves with the reply that was published; rejects with the error that it tells. */
  async run(client: DeviceClient, write: PlannedWrite, why: Circumstances): Promise<ReplyMessage> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const { deadlineMs = DEADLINE_MS, refuse = () => undefined } = why;
    try {
      await client.command(write.spec, write.args, { deadlineMs, refuse });
    } catch (thrown) {
      const error = asGatewayError(thrown);
      this.#answer(client, write, { ...this.#reply(startedMs, why, statusOf(error.code)), ...bodyOf(error) });
      throw error;
    }
    const data = Object.fromEntries(write.args);
    return this.#answer(client, write, { ...this.#reply(startedMs, why, 'done'), data });
  }

  #reply(startedMs: number, { by, of }: Circumstances, status: ReplyStatus): ReplyMessage {
    const { clock, newId } = this.#options;
    const ms = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
    return { id: newId(), status, by, ...(of === undefined ? {} : { of }), ts: clock.now(), ms };
  }

  #answer({ device }: DeviceClient, { name }: PlannedWrite, reply: ReplyMessage): ReplyMessage {
    const { outlet, topics, log } = this.#options;
    outlet.json(topics.reply(device.id, name), reply, ONCE);
    const { id, status, by, of, ms, error } = reply;
    const facts = { device: device.id, command: name, id, by, of, status, ms };
    if (error === undefined) log.info(facts, 'a write of the gateway’s own is done');
    else log.warn({ ...facts, code: error.code }, `a write of the gateway’s own ${status}: ${error.message}`);
    return reply;
  }
}

function bodyOf(error: GatewayError): Pick<ReplyMessage, 'error'> {
  return { error: error.toBody() };
}

/** Never on the wire: rejected, not tried. */
const NEVER_RAN: ReadonlySet<ErrorCode> = new Set(['queue_full', 'closed', 'overdue']);

function statusOf(code: ErrorCode): ReplyStatus {
  if (code === 'expired') return 'expired';
  return NEVER_RAN.has(code) ? 'rejected' : 'failed';
}
