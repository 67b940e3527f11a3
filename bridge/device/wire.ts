// The queue as one device uses it: with its address, its rest, and what it takes in one transaction.
import { defined } from '../../shared/config/defined.js';
import type { Device, QuestionSpec } from '../../shared/device-type.js';
import type { Clock, I2cTransaction, QueuedI2cBus, QueuedTransferOptions } from '../../shared/ports.js';
import { ask, inConversation, wireOf, type Asked, type Talk } from './talk/ask.js';

export class DeviceWire {
  readonly device: Device;
  readonly clock: Clock;
  readonly #bus: QueuedI2cBus;

  constructor(device: Device, bus: QueuedI2cBus, clock: Clock) {
    this.device = device;
    this.#bus = bus;
    this.clock = clock;
  }

  /** Rejects as the queue does. */
  transfer(
    transaction: Omit<I2cTransaction, 'address' | 'via'>,
    options: QueuedTransferOptions,
  ): Promise<Uint8Array> {
    return this.#bus.transfer({ ...transaction, ...wireOf(this.device) }, this.#options(options));
  }

  ask(question: QuestionSpec, options: QueuedTransferOptions, signal?: AbortSignal): Promise<Uint8Array> {
    return ask(question, this.#asked(signal), this.#options(options));
  }

  /** Nobody else speaks to the device until `work` has ended, which it has soon when `signal` is aborted. */
  talk<T>(
    options: QueuedTransferOptions,
    work: (talk: Talk) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return inConversation(this.#asked(signal), this.#options(options), work);
  }

  #asked(signal?: AbortSignal): Asked {
    return { bus: this.#bus, clock: this.clock, place: this.device, ...defined({ signal }) };
  }

  #options(options: QueuedTransferOptions): QueuedTransferOptions {
    const { restMs, largest } = this.device.type;
    return largest === undefined ? { ...options, restMs } : { ...options, restMs, largest };
  }
}
