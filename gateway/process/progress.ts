// How far it is, how fast, and how long it still takes: one line that is written over and over, where somebody sits at a
// terminal, and nothing elsewhere.
import type { WriteStream } from 'node:tty';
import { rateWords, timeLeftWords, type Counted } from './progress-words.js';

/** `write(chunk)` takes all of it, or it will be made to wait. */
export type ProgressOutput = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean };

/** Sooner nothing is known of the rate; and more often nobody reads. */
const RATE_AFTER_MS = 1000;
const SAY_AFTER_MS = 250;

export class Progress {
  readonly #output: ProgressOutput;
  readonly #nowMs: () => number;
  #what = '';
  #counted: Counted = 'bytes';
  #total = 0;
  #done = 0;
  #count = 0;
  #beganMs = 0;
  #saidMs = 0;

  /** `nowMs` never goes back. */
  constructor(output: ProgressOutput, nowMs: () => number = () => performance.now()) {
    this.#output = output;
    this.#nowMs = nowMs;
  }

  /** Whether somebody sees it: what it costs to know how much there is may be left out elsewhere. */
  get isShown(): boolean {
    return this.#output.isTTY === true;
  }

  /** Something of which nobody knows how long it takes. */
  step(what: string): void {
    this.#say(what);
  }

  /** `total` in whatever unit `add` and `reach` are given. */
  begin(what: string, total: number, counted: Counted = 'bytes'): void {
    this.#what = what;
    this.#counted = counted;
    this.#total = total;
    this.#done = 0;
    this.#count = 0;
    this.#beganMs = this.#nowMs();
    this.#saidMs = -Infinity;
    this.add(0);
  }

  add(amount: number): void {
    this.reach(this.#done + amount, amount);
  }

  /** That far by now, by so many more. */
  reach(done: number, more: number): void {
    this.#done = done;
    this.#count += more;
    const now = this.#nowMs();
    const isEnd = done >= this.#total;
    if (!this.isShown || (now - this.#saidMs < SAY_AFTER_MS && !isEnd)) return;
    this.#saidMs = now;
    this.#say([this.#soFar(), ...this.#pace(now - this.#beganMs)].join(', '));
  }

  /** The line is gone again. */
  end(): void {
    this.#say('');
  }

  #soFar(): string {
    const percent = Math.floor((100 * this.#done) / Math.max(1, this.#total));
    return `${this.#what} ${String(Math.min(100, Math.max(0, percent)))} %`;
  }

  #pace(passedMs: number): string[] {
    if (passedMs < RATE_AFTER_MS) return [];
    const share = this.#done / Math.max(1, this.#total);
    const leftMs = share > 0 ? (passedMs * (1 - share)) / share : undefined;
    return [
      rateWords((this.#count * 1000) / passedMs, this.#counted),
      ...(leftMs === undefined ? [] : [timeLeftWords(leftMs)]),
    ];
  }

  #say(text: string): void {
    if (this.isShown) this.#output.write(`\r\u001b[K${text}`);
  }
}
