// How far a value has moved within a time: the least and the largest of each sixtieth of it, so it is as large for a reading a
// millisecond as for one an hour.
import type { Direction } from '../../shared/alarms/spec.js';

const PARTS = 60;

interface Part {
  readonly index: number;
  least: number;
  most: number;
}

export class RateWindow {
  readonly #partMs: number;
  readonly #direction: Direction;
  /** The oldest first. */
  #parts: Part[] = [];

  constructor(withinMs: number, direction: Direction) {
    this.#partMs = withinMs / PARTS;
    this.#direction = direction;
  }

  /** How far it has moved in that direction with this reading, 0 where it has not. */
  take(value: number, ms: number): number {
    const index = Math.floor(ms / this.#partMs);
    this.#parts = this.#parts.filter((part) => part.index > index - PARTS);
    const least = Math.min(value, ...this.#parts.map((part) => part.least));
    const most = Math.max(value, ...this.#parts.map((part) => part.most));
    this.#note(value, index);
    const [up, down] = [value - least, most - value];
    if (this.#direction === 'up') return up;
    return this.#direction === 'down' ? down : Math.max(up, down);
  }

  #note(value: number, index: number): void {
    const last = this.#parts.at(-1);
    if (last?.index !== index) {
      this.#parts.push({ index, least: value, most: value });
      return;
    }
    last.least = Math.min(last.least, value);
    last.most = Math.max(last.most, value);
  }
}
