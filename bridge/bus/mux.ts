// A bus with multiplexers (TCA9548A): the write that selects a channel is part of the transaction it is for.
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import type { Passage } from '../../shared/passage.js';
import type { I2cTransaction, MuxChannel, OwnedI2cBus, TransferOptions } from '../../shared/ports.js';

/** What is open: nothing, a channel of one multiplexer, or nobody knows. */
type Open = MuxChannel | 'nothing' | 'unknown';

export class MuxBus implements OwnedI2cBus {
  readonly #bus: OwnedI2cBus;
  #muxes: ReadonlySet<number>;
  #open: Open = 'unknown';
  /** Multiplexers that have ever acknowledged. */
  readonly #present = new Set<number>();

  /** `muxes`: the addresses of all multiplexers on the bus. */
  constructor(bus: OwnedI2cBus, muxes: Iterable<number>) {
    this.#bus = bus;
    this.#muxes = new Set(muxes);
  }

  /** There are others now. What they have open nobody knows. */
  useMuxes(muxes: Iterable<number>): void {
    this.#muxes = new Set(muxes);
    this.#open = 'unknown';
  }

  /** With multiplexers nothing: a transaction that runs must find the channel open that was selected for it. */
  get takesAhead(): number {
    return this.#muxes.size > 0 ? 0 : (this.#bus.takesAhead ?? 0);
  }

  get ended(): Promise<void> {
    return this.#bus.ended ?? Promise.resolve();
  }

  /**
   * Exactly what `via` names is open while it runs: devices at one address behind two channels never answer together,
   * and who looks at the bus itself (a scan, a raw read) sees nothing of what is behind. A channel that is known to be open is not selected again.
   */
  async transfer(
    { via, ...transaction }: I2cTransaction,
    options: TransferOptions = {},
  ): Promise<Uint8Array> {
    if (this.#muxes.size > 0 && !isSame(this.#open, via)) {
      await this.#select(via, options.passage);
      const late = options.refuse?.();
      if (late !== undefined) throw late;
    }
    // Whoever writes to a multiplexer itself opens what he likes.
    if (this.#muxes.has(transaction.address)) this.#open = 'unknown';
    try {
      return await this.#bus.transfer(transaction, options);
    } catch (thrown) {
      // The fault may have reset the multiplexer, or have been read by it.
      this.#open = 'unknown';
      throw thrown;
    }
  }

  close(): Promise<void> {
    return this.#bus.close();
  }

  async #select(via: MuxChannel | undefined, passage: Passage | undefined): Promise<void> {
    const open = this.#open;
    this.#open = 'unknown';
    let allAreKnown = true;
    for (const mux of this.#muxes) {
      const mayBeOpen = open === 'unknown' || (open !== 'nothing' && open.mux === mux);
      if (mayBeOpen && mux !== via?.mux && !(await this.#closeChannels(mux, passage))) allAreKnown = false;
    }
    if (via !== undefined) await this.#write(via.mux, selecting(via), passage);
    if (allAreKnown) this.#open = via ?? 'nothing';
  }

  /**
   * Whether its channels are known to be closed. One that never acknowledged is absent and connects nothing; of one that
   * did, an acknowledgement may have been lost.
   */
  async #closeChannels(mux: number, passage: Passage | undefined): Promise<boolean> {
    for (let tries = 0; tries < 2; tries += 1) {
      try {
        await this.#write(mux, 0, passage);
        return true;
      } catch (thrown) {
        if (asGatewayError(thrown).code !== 'no_ack') throw thrown;
        if (!this.#present.has(mux)) return true;
      }
    }
    return false;
  }

  async #write(mux: number, channels: number, passage: Passage | undefined): Promise<void> {
    const errand = passage === undefined ? {} : { passage: passage.forErrand() };
    try {
      await this.#bus.transfer({ address: mux, write: Uint8Array.of(channels) }, errand);
      this.#present.add(mux);
    } catch (cause) {
      const { code, message } = asGatewayError(cause);
      const where = `0x${mux.toString(16).padStart(2, '0')}`;
      // Whatever the bus did: the device behind it was not addressed.
      throw new GatewayError(code, `The multiplexer at ${where}: ${message}`, { cause, untried: true });
    }
  }
}

function selecting({ channel, enable }: MuxChannel): number {
  return enable === undefined ? 1 << channel : enable | channel;
}

function isSame(open: Open, via: MuxChannel | undefined): boolean {
  if (open === 'unknown' || open === 'nothing') return open === 'nothing' && via === undefined;
  return open.mux === via?.mux && open.channel === via.channel;
}
