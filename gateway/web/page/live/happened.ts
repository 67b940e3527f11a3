// What has happened since the page was opened: the newest, in a bounded list.
import type { Happening } from './model.js';

const MOST = 500;

export class Happened {
  #list: readonly Happening[] = [];
  /** Grows with each one. */
  count = 0;

  /** The newest first. */
  get list(): readonly Happening[] {
    return this.#list;
  }

  add(happening: Happening): void {
    this.count += 1;
    this.#list = [happening, ...this.#list.slice(0, MOST - 1)];
  }
}
