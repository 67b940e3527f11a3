// How many of our messages may be unacknowledged at once: what the broker takes. Whoever publishes goes through here, or one
// more than that ends the connection (MQTT 5, Receive Maximum [MQTT-3.3.4-9]).

interface Waiting {
  readonly counts: boolean;
  readonly send: () => void;
}

export class SendWindow {
  #most = Infinity;
  #underWay = 0;
  readonly #waiting: Waiting[] = [];

  open(most: number): void {
    this.#most = Math.max(1, most);
    this.#pump();
  }

  /** Sends at once, or in its turn: all in the order they came, those that need no acknowledgement too. */
  async pass(counts: boolean, send: () => Promise<unknown>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        if (counts) this.#underWay += 1;
        send().then(
          () => {
            if (counts) this.#ended();
            resolve();
          },
          (reason: unknown) => {
            if (counts) this.#ended();
            reject(reason instanceof Error ? reason : new Error(String(reason)));
          },
        );
      };
      this.#waiting.push({ counts, send: start });
      this.#pump();
    });
  }

  #ended(): void {
    this.#underWay -= 1;
    this.#pump();
  }

  #pump(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || (first.counts && this.#underWay >= this.#most)) return;
      this.#waiting.shift();
      first.send();
    }
  }
}
