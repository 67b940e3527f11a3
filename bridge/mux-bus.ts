// A bus with multiplexers (TCA9548A): the write that selects a channel is part of the transaction it is for.
import { asGatewayError, GatewayError } from '../shared/errors.js';
import type { I2cTransaction, MuxChannel, OwnedI2cBus } from '../shared/ports.js';

/** What is open: nothing, a channel of one multiplexer, or nobody knows. */
type Open = MuxChannel | 'nothing' | 'unknown';

export class MuxBus implements OwnedI2cBus {
  readonly #bus: OwnedI2cBus;
  readonly #muxes: ReadonlySet<number>;
  #open: Open = 'unknown';

  /** `muxes`: the addresses of all multiplexers on the bus. */
  constructor(bus: OwnedI2cBus, muxes: Iterable<number>) {
    this.#bus = bus;
    this.#muxes = new Set(muxes);
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
  async transfer({ via, ...transaction }: I2cTransaction): Promise<Uint8Array> {
    if (this.#muxes.size > 0) await this.#select(via);
    // Whoever writes to a multiplexer itself opens what he likes.
    if (this.#muxes.has(transaction.address)) this.#open = 'unknown';
    try {
      return await this.#bus.transfer(transaction);
    } catch (thrown) {
      // The fault may have reset the multiplexer, or have been read by it.
      this.#open = 'unknown';
      throw thrown;
    }
  }

  close(): Promise<void> {
    return this.#bus.close();
  }

  async #select(via: MuxChannel | undefined): Promise<void> {
    const open = this.#open;
    if (isSame(open, via)) return;
    this.#open = 'unknown';
    for (const mux of this.#muxes) {
      const mayBeOpen = open === 'unknown' || (open !== 'nothing' && open.mux === mux);
      if (mayBeOpen && mux !== via?.mux) await this.#closeChannels(mux);
    }
    if (via !== undefined) await this.#write(via.mux, 1 << via.channel);
    this.#open = via ?? 'nothing';
  }

  /** One that is absent connects nothing. */
  async #closeChannels(mux: number): Promise<void> {
    try {
      await this.#write(mux, 0);
    } catch (thrown) {
      if (asGatewayError(thrown).code !== 'no_ack') throw thrown;
    }
  }

  async #write(mux: number, channels: number): Promise<void> {
    try {
      await this.#bus.transfer({ address: mux, write: Uint8Array.of(channels) });
    } catch (cause) {
      const { code, message, untried } = asGatewayError(cause);
      const where = `0x${mux.toString(16).padStart(2, '0')}`;
      throw new GatewayError(code, `The multiplexer at ${where}: ${message}`, { cause, untried });
    }
  }
}

function isSame(open: Open, via: MuxChannel | undefined): boolean {
  if (open === 'unknown' || open === 'nothing') return open === 'nothing' && via === undefined;
  return open.mux === via?.mux && open.channel === via.channel;
}
