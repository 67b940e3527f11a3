// How many messages of QoS 1 and 2 one connection may have under way: the Receive Maximum of MQTT 5's CONNECT
// [MQTT-3.3.4-9]. Who speaks 3.1.1 says none, and its session's queue has a bound of its own.

export class ReceiveWindow {
  readonly #most: number;
  readonly #ids = new Set<number>();
  #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get hasRoom(): boolean {
    return this.#ids.size < this.#most;
  }

  /** Something stands still until the client answers. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  sent(id: number): void {
    this.#ids.add(id);
  }

  /** The client has it, or does not want it. */
  acknowledged(id: number): void {
    if (this.#ids.delete(id) && this.hasRoom) for (const call of this.#waiting.splice(0)) call();
  }

  /** Calls once, when there is room again. */
  whenRoom(call: () => void): void {
    this.#waiting.push(call);
  }
}
