// One output that is not safe: made safe when its time is over, again and again until that has worked.
import type { Occasion } from '../shared/messages.js';
import type { Clock } from '../shared/ports.js';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export interface HeldOutputOptions {
  readonly clock: Clock;
  /** Writes what makes it safe. Rejects when that failed, or was superseded while it waited. */
  readonly makeSafe: (by: Occasion) => Promise<void>;
  /** An absent device is not written to: `found` tells when it is back. */
  readonly isAway: () => boolean;
}

export class HeldOutput {
  readonly #options: HeldOutputOptions;
  #due: { readonly by: Occasion; readonly atMs: number } | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #isWriting = false;
  #isDropped = false;
  #cancel: () => void = () => undefined;

  constructor(options: HeldOutputOptions) {
    this.#options = options;
  }

  /** Of the monotonic clock; undefined where it stays as it is. */
  get dueMs(): number | undefined {
    return this.#due?.atMs;
  }

  /** A newer command, or the safe write itself, has taken its place. */
  get isDropped(): boolean {
    return this.#isDropped;
  }

  /** Makes it safe in so many milliseconds. */
  endIn(ms: number, by: Occasion): void {
    const { clock } = this.#options;
    this.#due = { by, atMs: clock.monotonicMs() + ms };
    this.#cancel();
    this.#cancel = clock.after(ms, () => {
      void this.#try();
    });
  }

  /** The device is there again: what is overdue happens now. */
  found(): void {
    const { clock } = this.#options;
    if (this.#due !== undefined && this.#due.atMs <= clock.monotonicMs()) void this.#try();
  }

  /** For the gateway's stop: now, once. Resolves when it was tried; never rejects. */
  async endNow(): Promise<void> {
    if (this.#due === undefined || this.#isDropped) return;
    this.#cancel();
    await this.#write('on_stop');
  }

  drop(): void {
    this.#isDropped = true;
    this.#cancel();
  }

  async #try(): Promise<void> {
    if (this.#due === undefined || this.#isDropped || this.#isWriting || this.#options.isAway()) return;
    this.#cancel();
    if (!(await this.#write(this.#due.by))) this.#tryLater();
  }

  #tryLater(): void {
    if (this.#isDropped) return;
    this.#cancel = this.#options.clock.after(this.#pauseMs, () => {
      void this.#try();
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** Whether it worked; why not was answered and logged where it was written. */
  async #write(by: Occasion): Promise<boolean> {
    this.#isWriting = true;
    try {
      await this.#options.makeSafe(by);
      return true;
    } catch {
      return false;
    } finally {
      this.#isWriting = false;
    }
  }
}
