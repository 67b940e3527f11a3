// Questions that wait for each other: a page with two hundred devices asks for their small lines two at a time.

export class Turns {
  readonly #most: number;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** `ask` has to handle its own errors. Returns what takes it back, where it has not begun. */
  add(ask: () => Promise<void>): () => void {
    this.#waiting.push(ask);
    this.#next();
    return () => {
      const place = this.#waiting.indexOf(ask);
      if (place >= 0) this.#waiting.splice(place, 1);
    };
  }

  #next(): void {
    if (this.#running >= this.#most) return;
    const ask = this.#waiting.shift();
    if (ask === undefined) return;
    this.#running += 1;
    const done = (): void => {
      this.#running -= 1;
      this.#next();
    };
    ask().then(done, done);
  }
}
