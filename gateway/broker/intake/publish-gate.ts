// Keeps one sender's messages in order although some wait (for a handler of `subscribeBeforeAck`, or for aedes, which
// sends a QoS 1 message on only after its PUBACK was written, so that a QoS 0 one behind it would overtake).

export interface Passage {
  /** Done before the message may pass; a rejection is handed to `proceed`. */
  readonly work: Promise<void> | undefined;
  /** The message reaches the subscribers only later, told by `emitted`. */
  readonly emitsLater: boolean;
  readonly proceed: (error?: unknown) => void;
}

interface Waiting extends Passage {
  ready: boolean;
  error?: unknown;
}

export class PublishGate {
  readonly #waiting: Waiting[] = [];
  #notEmitted = 0;
  #draining = false;

  get size(): number {
    return this.#waiting.length;
  }

  /** Whether a message with nothing to wait for may pass at once; then it has entered and passed. */
  pass(emitsLater: boolean): boolean {
    if (this.#draining || this.#waiting.length > 0) return false;
    if (emitsLater) this.#notEmitted++;
    else if (this.#notEmitted > 0) return false;
    return true;
  }

  /** Works run side by side, messages pass one after the other. Without anything to wait for it passes at once. */
  enter(passage: Passage): void {
    const entry: Waiting = { ...passage, ready: passage.work === undefined };
    this.#waiting.push(entry);
    passage.work?.then(
      () => {
        this.#settle(entry, undefined);
      },
      (error: unknown) => {
        this.#settle(entry, error ?? new Error('refused'));
      },
    );
    this.#drain();
  }

  /** A message that entered with `emitsLater` has reached the subscribers. */
  emitted(): void {
    if (this.#notEmitted === 0) return;
    this.#notEmitted--;
    this.#drain();
  }

  #settle(entry: Waiting, error: unknown): void {
    entry.ready = true;
    entry.error = error;
    this.#drain();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (let head = this.#next(); head !== undefined; head = this.#next()) {
      this.#waiting.shift();
      if (head.emitsLater && head.error === undefined) this.#notEmitted++;
      head.proceed(head.error);
    }
    this.#draining = false;
  }

  #next(): Waiting | undefined {
    const head = this.#waiting[0];
    if (head?.ready !== true) return undefined;
    return head.emitsLater || this.#notEmitted === 0 ? head : undefined;
  }
}
