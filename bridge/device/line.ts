// The commands of one device, one behind the other: between a write and its reading back another write would make both
// look wrong. A safe write goes to the front, and waits neither for a reading back that takes its time, nor behind a command
// that itself has to wait.
import PQueue from 'p-queue';
import { GatewayError } from '../../shared/errors.js';
import type { Clock } from '../../shared/ports.js';

/** So long a safe write lets a command's reading back go on. */
const PATIENCE_MS = 200;
/** As many as wait for a bus. */
const MOST_WAITING = 256;

export interface LineTurn {
  /** The longest wait for the turn. */
  readonly waitMs: number;
  /** What the caller is told after that. */
  readonly overdue: () => Error;
  /** A safe write. */
  readonly urgent: boolean;
  /** Called, maybe more than once, where it has its turn and a safe write waits behind it. */
  readonly hurry: () => void;
  /** The longest time for reading back. */
  readonly readBackMs?: number | undefined;
}

/** Ends soon when the signal is aborted, by rejecting with its reason. */
export type ReadingBack = (signal: AbortSignal) => Promise<void>;

export class DeviceLine {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #queue = new PQueue({ concurrency: 1 });
  #urgentWaiting = 0;
  #hurry: () => void = () => undefined;
  #readingBack: AbortController | undefined;
  #cancelEnd: () => void = () => undefined;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Settles as `work` and then what that resolved with; rejects with queue_full, or with `overdue()`: then neither ran. */
  run(turn: LineTurn, work: () => Promise<ReadingBack | undefined>): Promise<void> {
    const { waitMs, overdue, urgent, readBackMs } = turn;
    if (!urgent && this.#queue.size >= MOST_WAITING) {
      const message = `${String(MOST_WAITING)} commands wait for this device already.`;
      return Promise.reject(new GatewayError('queue_full', message));
    }
    return new Promise((resolve, reject) => {
      let waits = true;
      const leaveLine = (): void => {
        waits = false;
        cancel();
        if (urgent) this.#urgentWaiting -= 1;
      };
      const cancel = this.#clock.after(waitMs, () => {
        leaveLine();
        reject(overdue());
      });
      if (urgent) this.#urgentWaiting += 1;
      this.#press();
      const run = async (): Promise<void> => {
        if (!waits) return;
        leaveLine();
        this.#hurry = turn.hurry;
        await this.#perform(work, readBackMs).then(resolve, reject);
        this.#hurry = () => undefined;
      };
      void this.#queue.add(run, { priority: urgent ? 1 : 0 });
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    return this.#queue.onIdle();
  }

  async #perform(
    work: () => Promise<ReadingBack | undefined>,
    readBackMs: number | undefined,
  ): Promise<void> {
    const readBack = await work();
    if (readBack === undefined) return;
    const control = new AbortController();
    this.#readingBack = control;
    if (readBackMs !== undefined) this.#endIn(readBackMs, control, 'There is no more time to read it back.');
    this.#press();
    try {
      await readBack(control.signal);
    } finally {
      this.#readingBack = undefined;
      this.#cancelEnd();
    }
  }

  /** Where a safe write waits, the command before it must not wait long, and a reading back has to end. */
  #press(): void {
    if (this.#urgentWaiting === 0) return;
    this.#hurry();
    const control = this.#readingBack;
    if (control !== undefined) this.#endIn(PATIENCE_MS, control, 'A safe write went before that.');
  }

  #endIn(ms: number, control: AbortController, message: string): void {
    this.#cancelEnd();
    this.#cancelEnd = this.#clock.after(ms, () => {
      control.abort(new GatewayError('verify_failed', message));
    });
  }
}
