// Who is told of what has changed: at most once a drawing, however many messages came.

export class Watchers {
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();
  readonly #nextFrame: (flush: () => void) => void;
  #isWaiting = false;

  /** `nextFrame` calls back before the next frame is drawn. */
  constructor(nextFrame: (flush: () => void) => void) {
    this.#nextFrame = nextFrame;
  }

  /** Returns what ends it. */
  watch(channel: string, watcher: () => void): () => void {
    const known = this.#watchers.get(channel) ?? new Set();
    known.add(watcher);
    this.#watchers.set(channel, known);
    return () => {
      known.delete(watcher);
      if (known.size === 0 && this.#watchers.get(channel) === known) this.#watchers.delete(channel);
    };
  }

  touch(channel: string): void {
    if (!this.#watchers.has(channel)) return;
    this.#changed.add(channel);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#nextFrame(() => {
      this.#flush();
    });
  }

  #flush(): void {
    this.#isWaiting = false;
    const channels = [...this.#changed];
    this.#changed.clear();
    for (const channel of channels) for (const watcher of this.#watchers.get(channel) ?? []) watcher();
  }
}
