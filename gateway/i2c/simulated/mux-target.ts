// A simulated multiplexer: one control byte says which of its channels are open, or which one is.
import type { MuxChannel } from '../../../shared/ports.js';
import type { SimulatedTarget } from './target.js';

export class MuxTarget implements SimulatedTarget {
  readonly #behind = new Map<number, Map<number, SimulatedTarget>>();
  /** As it was written, and what of it is in force. */
  #control = 0;
  #open = 0;
  /** The bit that stands beside the number of its channel; 0 of a chip with a bit for each channel. */
  #enable = 0;

  attach({ channel, enable = 0 }: MuxChannel, address: number, target: SimulatedTarget): void {
    this.#enable = enable;
    const targets = this.#behind.get(channel) ?? new Map<number, SimulatedTarget>();
    this.#behind.set(channel, targets.set(address, target));
  }

  detach(channel: number, address: number): SimulatedTarget | undefined {
    const target = this.#behind.get(channel)?.get(address);
    this.#behind.get(channel)?.delete(address);
    return target;
  }

  /** Who hears this address through the channels that are open. */
  reachable(address: number): SimulatedTarget[] {
    return this.#heard().flatMap((targets) => targets.get(address) ?? []);
  }

  /** Who hears anything through them. */
  all(): SimulatedTarget[] {
    return this.#heard().flatMap((targets) => [...targets.values()]);
  }

  #heard(): Map<number, SimulatedTarget>[] {
    return [...this.#behind].flatMap(([channel, targets]) => ((this.#open >> channel) & 1 ? [targets] : []));
  }

  start(): boolean {
    return true;
  }

  receive(byte: number): boolean {
    this.#control = byte;
    return true;
  }

  send(): number {
    return this.#control;
  }

  /** Channels change at the STOP (TCA9548A datasheet, 8.6.2: control register). */
  stop(): void {
    this.#open = this.#enable === 0 ? this.#control : this.#chosen();
  }

  /** Of a PCA9547 and its like: the channel whose number stands beside the bit. */
  #chosen(): number {
    const isOn = (this.#control & this.#enable) !== 0;
    return isOn ? 1 << (this.#control & (this.#enable - 1)) : 0;
  }

  holdsClock(): boolean {
    return false;
  }
}
