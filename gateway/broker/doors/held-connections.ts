// Connections that are not read although their clients have sent something: whoever pings meanwhile is not silent, and must
// not be ended by its keep alive.

interface Held {
  refreshKeepAlive(): void;
}

/** Well within the shortest keep alive, a second and a half [MQTT-3.1.2-24]. */
const REFRESH_EVERY_MS = 500;

export class HeldConnections {
  readonly #held = new Set<Held>();
  #timer: NodeJS.Timeout | undefined;

  add(held: Held): void {
    this.#held.add(held);
    this.#timer ??= setInterval(this.#refresh, REFRESH_EVERY_MS).unref();
  }

  remove(held: Held): void {
    this.#held.delete(held);
  }

  readonly #refresh = (): void => {
    for (const held of this.#held) held.refreshKeepAlive();
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  };
}
