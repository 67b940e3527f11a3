// The one place where transactions meet the driver, never two at once. Runs in the bus process.
import { statSync } from 'node:fs';
import { GatewayError } from '../../../shared/errors.js';
import type { I2cTransaction } from '../../../shared/ports.js';
import { busPathOf } from './bus-path.js';
import { AdapterCalls } from './adapter-calls.js';
import type { Driver } from './driver.js';
import { goneError, openError, transferFault } from './errno.js';
import { kernelDriverAt } from './kernel-driver.js';

/**
 * The environment of a bus process. With one thread in libuv's pool two calls can't be in the driver at once, and the
 * second begins the moment the first has ended. io_uring, where somebody has switched it on, would go around the pool.
 */
export const ONE_AT_A_TIME = { UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' } as const;

interface OpenBus {
  readonly calls: AdapterCalls;
  /** Which file /dev/i2c-N was; undefined where there is none, as with a driver that is not the kernel's. */
  readonly node: number | undefined;
  /** Transactions that have begun and not ended. */
  running: number;
  /** No further transaction begins on it. */
  dropped: boolean;
}

export class Wire {
  readonly #driver: Driver;
  readonly #busNumber: number;
  #open: OpenBus | undefined;
  /** Settles when the next transaction may be given to the driver. */
  #mayFollow: Promise<void> = Promise.resolve();

  constructor(driver: Driver, busNumber: number) {
    this.#driver = driver;
    this.#busNumber = busNumber;
  }

  /** Rejects with bus_unavailable. */
  async open(): Promise<void> {
    await this.#opened();
  }

  /**
   * Settles when the transaction has ended, with the bytes read; in the order of the calls. Rejects with GatewayError.
   * The transaction was checked before. `alone`: none follows for the moment.
   */
  async run(transaction: I2cTransaction, alone = false): Promise<Uint8Array> {
    const mayFollow = this.#mayFollow;
    let follow: () => void = () => undefined;
    this.#mayFollow = new Promise((resolve) => {
      follow = resolve;
    });
    await mayFollow;
    try {
      return await this.#runOn(await this.#opened(), transaction, { follow, alone });
    } finally {
      follow();
    }
  }

  /** When all transactions have ended. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.calls.close();
  }

  /** Calls `follow` as soon as the next transaction may queue up behind this one's last call. */
  async #runOn(
    open: OpenBus,
    transaction: I2cTransaction,
    { follow, alone }: { readonly follow: () => void; readonly alone: boolean },
  ): Promise<Uint8Array> {
    const { address } = transaction;
    open.running += 1;
    try {
      return await open.calls.perform(transaction, follow, alone);
    } catch (thrown) {
      if (thrown instanceof GatewayError) throw thrown;
      const fault = transferFault(thrown, { busNumber: this.#busNumber, address }, kernelDriverAt);
      const isGone = this.#isGone(open);
      if (isGone || fault.reopen) this.#drop(open);
      throw isGone ? goneError(fault.error, this.#busNumber) : fault.error;
    } finally {
      open.running -= 1;
      if (open.dropped && open.running === 0) await open.calls.close();
    }
  }

  /**
   * Of an adapter that was unplugged, drivers say what they like: i2c-tiny-usb EIO, i2c-robotfuzz-osif EREMOTEIO. The
   * kernel takes its file away; and waits until nobody has it open before it looks at what is plugged in next.
   */
  #isGone({ node }: OpenBus): boolean {
    return node !== undefined && nodeOf(this.#busNumber) !== node;
  }

  /** The next transaction opens the bus anew. This one's files are closed when none of their transactions runs. */
  #drop(open: OpenBus): void {
    open.dropped = true;
    if (this.#open === open) this.#open = undefined;
  }

  async #opened(): Promise<OpenBus> {
    if (this.#open !== undefined) return this.#open;
    const bus = await this.#driver.openPromisified(this.#busNumber);
    try {
      // Opening opens nothing, and succeeds for a bus that does not exist: this is the first call that tells.
      const calls = new AdapterCalls(bus, await bus.i2cFuncs(), this.#busNumber);
      this.#open = { calls, node: nodeOf(this.#busNumber), running: 0, dropped: false };
    } catch (thrown) {
      await bus.close();
      throw openError(thrown, this.#busNumber);
    }
    return this.#open;
  }
}

function nodeOf(busNumber: number): number | undefined {
  return statSync(busPathOf(busNumber), { throwIfNoEntry: false })?.ino;
}
