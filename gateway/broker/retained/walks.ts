// Retained messages on their way to new subscribers. All walks together have one slice of a turn, and one client's next
// SUBSCRIBE waits until its last one has all its messages: however many ask, nobody else stands still.

interface Subscriber {
  walking: number;
  readonly waiting: (() => void)[];
}

export class RetainedWalks {
  readonly #slices: (() => void)[] = [];
  readonly #subscribers = new WeakMap<object, Subscriber>();
  #asking: object | undefined;

  /** Whose the next walk is: aedes does not say it, but asks in the same turn in which it tells of the SUBSCRIBE. */
  asks(client: object): void {
    this.#asking = client;
  }

  /** A walk begins; returns how to say that it has ended. */
  begin(): () => void {
    const client = this.#asking;
    this.#asking = undefined;
    if (client === undefined) return ignore;
    const subscriber = this.#of(client);
    subscriber.walking++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--subscriber.walking > 0) return;
      for (const go of subscriber.waiting.splice(0)) go();
    };
  }

  /** Calls back once nothing is on its way to the client: at once, where nothing is. */
  whenFree(client: object, go: () => void): void {
    const subscriber = this.#subscribers.get(client);
    if (subscriber === undefined || subscriber.walking === 0) go();
    else subscriber.waiting.push(go);
  }

  /** In a later turn, one slice in each. */
  later(slice: () => void): void {
    this.#slices.push(slice);
    if (this.#slices.length === 1) setImmediate(this.#next);
  }

  readonly #next = (): void => {
    const [slice] = this.#slices;
    try {
      slice?.();
    } finally {
      this.#slices.shift();
      if (this.#slices.length > 0) setImmediate(this.#next);
    }
  };

  #of(client: object): Subscriber {
    let subscriber = this.#subscribers.get(client);
    if (subscriber === undefined) this.#subscribers.set(client, (subscriber = { walking: 0, waiting: [] }));
    return subscriber;
  }
}

function ignore(): void {
  // Nobody waits for it.
}
