// The bus without wires, for --simulate and for tests. It enforces what a real bus demands: one transaction at a time.
import { setImmediate as turn } from 'node:timers/promises';
import { wireTimeMs } from '../../../shared/config/budget.js';
import { GatewayError, asGatewayError } from '../../../shared/errors.js';
import type {
  Clock,
  I2cTransaction,
  Log,
  MuxChannel,
  OwnedI2cBus,
  TransferOptions,
} from '../../../shared/ports.js';
import { GENERAL_CALL } from '../../../shared/addresses.js';
import { MuxTarget } from './mux-target.js';
import type { SimulatedTarget } from './target.js';

export interface SimulatedBusOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** A transaction takes the time its bits take at this speed; without it, one turn of the event loop. */
  readonly bitsPerSecond?: number;
}

/** What the Linux kernel takes in one message of i2c-dev. */
const MOST_BYTES = 8192;

export class SimulatedBus implements OwnedI2cBus {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #bitsPerSecond: number | undefined;
  readonly #targets = new Map<number, SimulatedTarget>();
  readonly #muxes = new Map<number, MuxTarget>();
  /** After a timeout: the target that may still hold the clock. */
  #stuck: SimulatedTarget | undefined;
  #running: Promise<unknown> | undefined;
  #closed = false;
  #overlaps = 0;

  constructor(options: SimulatedBusOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#bitsPerSecond = options.bitsPerSecond;
  }

  /** Transactions that were refused because another was running: any but 0 is a fault of the queue above. */
  get overlaps(): number {
    return this.#overlaps;
  }

  /** Plugs a target in, in place of one that was there. */
  attach(address: number, target: SimulatedTarget, via?: MuxChannel): void {
    if (via === undefined) this.#targets.set(address, target);
    else this.#muxAt(via.mux).attach(via, address, target);
  }

  /** Pulls a target out and returns it, as it is: `attach` puts it back. */
  detach(address: number, via?: MuxChannel): SimulatedTarget | undefined {
    const target =
      via === undefined ? this.#targets.get(address) : this.#muxAt(via.mux).detach(via.channel, address);
    if (via === undefined) this.#targets.delete(address);
    if (target !== undefined && target === this.#stuck) this.#stuck = undefined;
    return target;
  }

  /**
   * Rejects with `no_ack`, `timeout`, `too_large`, `closed`; with `bus_fault` when a transaction is running:
   * the second would have destroyed the first on a wire, here the first goes on.
   */
  async transfer(transaction: I2cTransaction, { passage }: TransferOptions = {}): Promise<Uint8Array> {
    if (this.#closed) throw new GatewayError('closed', 'The simulated bus is closed.');
    if (this.#running !== undefined) throw this.#overlap(transaction);
    const startMs = this.#clock.monotonicMs();
    passage?.handOver();
    checkSize(transaction);
    passage?.begin();
    const work = this.#perform(transaction);
    this.#running = work.then(ignore, ignore);
    try {
      const bytes = await work;
      this.#report(transaction, startMs, { outcome: 'ok', read: hex(bytes) });
      return bytes;
    } catch (thrown) {
      const error = asGatewayError(thrown);
      this.#report(transaction, startMs, { outcome: error.code, reason: error.message });
      throw error;
    } finally {
      this.#running = undefined;
    }
  }

  /** Resolves when the running transaction has ended; later ones reject with `closed`. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #perform(transaction: I2cTransaction): Promise<Uint8Array> {
    const { write, readLength = 0 } = transaction;
    await this.#wireTime(write?.length ?? 0, readLength);
    if (this.#stuck?.holdsClock() === true)
      throw new GatewayError('timeout', 'A target that did not answer in time still holds the clock low.');
    this.#stuck = undefined;
    if (transaction.address === GENERAL_CALL) return this.#callAll(transaction);
    const target = this.#answering(transaction.address);
    if (target === undefined) throw noAck(transaction.address, 'no device is there');
    try {
      return converse(target, transaction);
    } catch (thrown) {
      if (asGatewayError(thrown).code === 'timeout') this.#stuck = target;
      throw thrown;
    }
  }

  /** Those behind multiplexers hear it through open channels. */
  #callAll({ address, write = new Uint8Array() }: I2cTransaction): Uint8Array {
    const behind = [...this.#muxes.values()].flatMap((mux) => mux.all());
    const listening = [...this.#targets.values(), ...behind].filter((target) => target.hearsGeneralCall);
    if (listening.length === 0) throw noAck(address, 'nobody obeys the general call');
    for (const target of listening) {
      sendAll(target, address, write);
      target.stop();
    }
    return new Uint8Array();
  }

  #muxAt(address: number): MuxTarget {
    const mux = this.#muxes.get(address) ?? new MuxTarget();
    this.#muxes.set(address, mux);
    if (!this.#targets.has(address)) this.#targets.set(address, mux);
    return mux;
  }

  /** Two at one address destroy each other's bytes: on a wire that is wrong data, here it is said. */
  #answering(address: number): SimulatedTarget | undefined {
    const behind = [...this.#muxes.values()].flatMap((mux) => mux.reachable(address));
    const [target, ...others] = [this.#targets.get(address) ?? [], behind].flat();
    if (others.length === 0) return target;
    throw new GatewayError('bus_fault', `Several devices answer at ${hexAddress(address)} together.`);
  }

  #wireTime(writeLength: number, readLength: number): Promise<void> {
    if (this.#bitsPerSecond === undefined) return turn();
    const durationMs = wireTimeMs(writeLength, readLength, this.#bitsPerSecond);
    return new Promise((resolve) => {
      this.#clock.after(durationMs, resolve);
    });
  }

  #overlap(transaction: I2cTransaction): GatewayError {
    this.#overlaps += 1;
    const message = `A transaction at ${hexAddress(transaction.address)} began while another was running.`;
    this.#log.error({ address: hexAddress(transaction.address), outcome: 'bus_fault' }, message);
    return new GatewayError('bus_fault', message);
  }

  #report(transaction: I2cTransaction, startMs: number, outcome: Readonly<Record<string, string>>): void {
    this.#log.debug(
      {
        address: hexAddress(transaction.address),
        ...(transaction.write === undefined ? {} : { write: hex(transaction.write) }),
        ...outcome,
        ms: this.#clock.monotonicMs() - startMs,
      },
      'simulated transaction',
    );
  }
}

function checkSize({ write, readLength = 0 }: I2cTransaction): void {
  if (Math.max(write?.length ?? 0, readLength) > MOST_BYTES)
    throw new GatewayError('too_large', `A transaction takes at most ${String(MOST_BYTES)} bytes.`);
}

/** START … STOP with one target. */
function converse(target: SimulatedTarget, transaction: I2cTransaction): Uint8Array {
  const { address, write, readLength = 0, repeatedStart = false } = transaction;
  if (write !== undefined || readLength === 0) {
    sendAll(target, address, write ?? new Uint8Array());
    if (readLength === 0 || !repeatedStart) target.stop();
  }
  const read = new Uint8Array(readLength);
  if (readLength === 0) return read;
  if (!target.start(address, 'read')) {
    target.stop();
    throw noAck(address, 'the device does not answer to its address');
  }
  for (let index = 0; index < readLength; index++) read[index] = target.send(index < readLength - 1);
  target.stop();
  return read;
}

function sendAll(target: SimulatedTarget, address: number, bytes: Uint8Array): void {
  if (!target.start(address, 'write')) {
    target.stop();
    throw noAck(address, 'the device does not answer to its address');
  }
  for (const [index, byte] of bytes.entries()) {
    if (target.receive(byte)) continue;
    target.stop();
    throw noAck(address, `the device refused byte ${String(index + 1)} of ${String(bytes.length)}`);
  }
}

function noAck(address: number, why: string): GatewayError {
  return new GatewayError('no_ack', `No acknowledgement at ${hexAddress(address)}: ${why}.`);
}

function ignore(): void {
  // The caller of transfer gets the outcome; close only waits for the end.
}

function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
