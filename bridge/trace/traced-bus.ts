// The queue as one device sees it, with a trace of what it does there.
import { asGatewayError } from '../../shared/errors.js';
import { Passage } from '../../shared/passage.js';
import type {
  Clock,
  I2cTransaction,
  QueuedI2cBus,
  QueuedTransfer,
  QueuedTransferOptions,
} from '../../shared/ports.js';
import type { DeviceTrace, Noted } from './ring.js';

export class TracedBus implements QueuedI2cBus {
  readonly #bus: QueuedI2cBus;
  readonly #trace: DeviceTrace;
  readonly #clock: Clock;

  constructor(bus: QueuedI2cBus, trace: DeviceTrace, clock: Clock) {
    this.#bus = bus;
    this.#trace = trace;
    this.#clock = clock;
  }

  /** As the queue's. */
  async transfer(transaction: I2cTransaction, options: QueuedTransferOptions): Promise<Uint8Array> {
    const poll = new PollTime();
    const bytes = await this.#traced((...asked) => this.#bus.transfer(...asked), transaction, options, poll);
    poll.tell(this.#trace);
    return bytes;
  }

  /** As the queue's. One poll, however often it asks: a device that is not ready yet takes the bus all the same. */
  async converse<T>(talk: (transfer: QueuedTransfer, signal: AbortSignal) => Promise<T>): Promise<T> {
    const poll = new PollTime();
    const said = await this.#bus.converse((transfer, signal) =>
      talk((transaction, options) => this.#traced(transfer, transaction, options, poll), signal),
    );
    poll.tell(this.#trace);
    return said;
  }

  async #traced(
    transfer: QueuedTransfer,
    transaction: I2cTransaction,
    options: QueuedTransferOptions,
    poll: PollTime,
  ): Promise<Uint8Array> {
    const clock = this.#clock;
    const askedMs = clock.awakeMs();
    const { restMs = 0, priority, passage = new Passage(clock) } = options;
    const note = (outcome: Noted['outcome']): void => {
      const endMs = clock.awakeMs();
      const { wireMs } = passage;
      const ms = wireMs === undefined ? undefined : endMs - wireMs;
      if (ms !== undefined && priority === 'poll') poll.add(ms + restMs);
      this.#trace.note({
        ...{ transaction, outcome, priority, restMs, ts: clock.now() },
        waitedMs: (wireMs ?? endMs) - askedMs,
        ...(ms === undefined ? {} : { ms }),
      });
    };
    try {
      const bytes = await transfer(transaction, { ...options, passage });
      note(bytes);
      return bytes;
    } catch (thrown) {
      note(asGatewayError(thrown).code);
      throw thrown;
    }
  }
}

/** What the transactions of one poll have taken of the bus. */
class PollTime {
  #ms: number | undefined;

  add(ms: number): void {
    this.#ms = (this.#ms ?? 0) + ms;
  }

  /** Of a command there is nothing to tell. */
  tell(trace: DeviceTrace): void {
    if (this.#ms !== undefined) trace.notePoll(this.#ms);
  }
}
