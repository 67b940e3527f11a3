// The queue as one device sees it, with a trace of what it does there.
import { asGatewayError } from '../shared/errors.js';
import type {
  Clock,
  I2cTransaction,
  QueuedI2cBus,
  QueuedTransfer,
  QueuedTransferOptions,
} from '../shared/ports.js';
import type { DeviceTrace } from './device-trace.js';

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
  transfer(transaction: I2cTransaction, options: QueuedTransferOptions): Promise<Uint8Array> {
    return this.#traced((...asked) => this.#bus.transfer(...asked), transaction, options);
  }

  /** As the queue's. */
  converse<T>(talk: (transfer: QueuedTransfer) => Promise<T>): Promise<T> {
    return this.#bus.converse((transfer) =>
      talk((transaction, options) => this.#traced(transfer, transaction, options)),
    );
  }

  async #traced(
    transfer: QueuedTransfer,
    transaction: I2cTransaction,
    options: QueuedTransferOptions,
  ): Promise<Uint8Array> {
    const clock = this.#clock;
    const askedMs = clock.monotonicMs();
    let turnMs: number | undefined;
    // The queue asks this when the transaction's turn comes, and nothing else tells.
    const refuse = (): Error | undefined => {
      const refusal = options.refuse?.();
      if (refusal === undefined) turnMs = clock.monotonicMs();
      return refusal;
    };
    const note = (outcome: Parameters<DeviceTrace['note']>[0]['outcome']): void => {
      const endMs = clock.monotonicMs();
      this.#trace.note({
        ...{ transaction, outcome, priority: options.priority, restMs: options.restMs ?? 0, ts: clock.now() },
        waitedMs: (turnMs ?? endMs) - askedMs,
        ...(turnMs === undefined ? {} : { ms: endMs - turnMs }),
      });
    };
    try {
      const bytes = await transfer(transaction, { ...options, refuse });
      note(bytes);
      return bytes;
    } catch (thrown) {
      note(asGatewayError(thrown).code);
      throw thrown;
    }
  }
}
