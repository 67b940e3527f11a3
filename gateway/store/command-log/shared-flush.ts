// One flush at a time: whoever asks while one runs shares the next, for the running one may not have what was written since.
export class SharedFlush {
  readonly #flush: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(flush: () => Promise<void>) {
    this.#flush = flush;
  }

  /** Resolves when all that was written before the call is flushed. Rejects as the flush does. */
  request(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return this.#begin();
    this.#next ??= settled(running).then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  /** Resolves when none runs. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await settled(this.#next ?? this.#running);
  }

  #begin(): Promise<void> {
    const running = this.#flush().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}

async function settled(work: Promise<void>): Promise<void> {
  await Promise.allSettled([work]);
}
