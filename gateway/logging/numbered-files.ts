// The log's files in their folder: gateway.1.log, gateway.2.log, … of which the newest are kept.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^gateway\.([1-9]\d{0,14})\.log$/;

/** All calls throw what the file system says. */
export class NumberedFiles {
  readonly #folder: string;
  readonly #maxFiles: number;
  #newest: number;

  private constructor(folder: string, maxFiles: number) {
    this.#folder = folder;
    this.#maxFiles = maxFiles;
    this.#newest = Math.max(1, ...this.#numbers());
  }

  /** Makes the folder if it isn't there; goes on from the highest number in it. */
  static in(folder: string, maxFiles: number): NumberedFiles {
    mkdirSync(folder, { recursive: true });
    return new NumberedFiles(folder, maxFiles);
  }

  get newest(): string {
    return this.#path(this.#newest);
  }

  /** The path of the one that comes after the newest; it counts as the newest once it is `begun`. */
  get following(): string {
    return this.#path(this.#newest + 1);
  }

  begun(): void {
    this.#newest += 1;
  }

  /** Deletes all but the newest `maxFiles`. */
  sweep(): void {
    const old = this.#numbers().filter((number) => number <= this.#newest - this.#maxFiles);
    for (const number of old) rmSync(this.#path(number), { force: true });
  }

  #numbers(): number[] {
    return readdirSync(this.#folder).flatMap((name) => {
      const [, number] = NAME.exec(name) ?? [];
      return number === undefined ? [] : Number(number);
    });
  }

  #path(number: number): string {
    return join(this.#folder, `gateway.${String(number)}.log`);
  }
}
