// What has happened since the page was opened: the newest, in a bounded list.
import type { Happening } from './model.js';

const MOST = 500;
/** Whoever asks the logbook once in so many has all of them: those before it from there, those after it from here. */
const ROUND = MOST / 2;

export class Happened {
  #list: readonly Happening[] = [];
  /** Grows with each one. */
  count = 0;

  /** The newest first. */
  get list(): readonly Happening[] {
    return this.#list;
  }

  /** Changes when it is time to ask the logbook again, before the first that it had not is dropped here. */
  get round(): number {
    return Math.floor(this.count / ROUND);
  }

  add(happening: Happening): void {
    this.count += 1;
    this.#list = [happening, ...this.#list.slice(0, MOST - 1)];
  }
}
