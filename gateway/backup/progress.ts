// How far it is: one line that is written over and over, where somebody sits at a terminal, and nothing elsewhere.
import type { WriteStream } from 'node:tty';

/** `write(chunk)` takes all of it, or it will be made to wait. */
export type ProgressOutput = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean };

export class Progress {
  readonly #output: ProgressOutput;
  #what = '';
  #totalBytes = 0;
  #doneBytes = 0;
  #percent = -1;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /** Something of which nobody knows how long it takes. */
  step(what: string): void {
    this.#say(what);
  }

  begin(what: string, totalBytes: number): void {
    this.#what = what;
    this.#totalBytes = totalBytes;
    this.#doneBytes = 0;
    this.#percent = -1;
    this.add(0);
  }

  add(bytes: number): void {
    this.#doneBytes += bytes;
    const percent = Math.floor((100 * this.#doneBytes) / Math.max(1, this.#totalBytes));
    if (percent === this.#percent) return;
    this.#percent = percent;
    this.#say(`${this.#what} ${String(percent)} %`);
  }

  /** The line is gone again. */
  end(): void {
    this.#say('');
  }

  #say(text: string): void {
    if (this.#output.isTTY === true) this.#output.write(`\r\u001b[K${text}`);
  }
}
