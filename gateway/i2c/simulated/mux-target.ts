// A simulated TCA9548A: one control byte says which of its eight channels are open.
import type { SimulatedTarget } from './simulated-target.js';

export class MuxTarget implements SimulatedTarget {
  readonly #behind = new Map<number, Map<number, SimulatedTarget>>();
  #control = 0;
  #written: number | undefined;

  attach(channel: number, address: number, target: SimulatedTarget): void {
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
    return [...this.#behind].flatMap(([channel, targets]) => {
      const target = (this.#control >> channel) & 1 ? targets.get(address) : undefined;
      return target === undefined ? [] : [target];
    });
  }

  start(): boolean {
    this.#written = undefined;
    return true;
  }

  receive(byte: number): boolean {
    this.#written = byte;
    return true;
  }

  send(): number {
    return this.#control;
  }

  /** Channels change at the STOP (TCA9548A datasheet, 8.6.2: control register). */
  stop(): void {
    this.#control = this.#written ?? this.#control;
    this.#written = undefined;
  }

  holdsClock(): boolean {
    return false;
  }
}
