// Where the samples of a device go on to be counted, which left the configuration and comes back within one start: a number
// that was given is never given again.

/** Devices that are remembered one by one. */
const MOST = 1000;

export class Sequences {
  /** The next number of devices that went, the last one last. */
  readonly #next = new Map<string, number>();
  /** Above all numbers of the devices that are forgotten. */
  #floor = 0;

  /** The device goes; `nextSeq` would have been its next number. */
  keep(device: string, nextSeq: number): void {
    this.#next.delete(device);
    this.#next.set(device, nextSeq);
    const [oldest] = this.#next;
    if (this.#next.size <= MOST || oldest === undefined) return;
    this.#next.delete(oldest[0]);
    this.#floor = Math.max(this.#floor, oldest[1]);
  }

  /** Of a device that comes. */
  first(device: string): number {
    return this.#next.get(device) ?? this.#floor;
  }
}
