// What happens to the board, its bus and the wall clock, and when it last did.
import type { FakeClock } from '../../support/fake-clock.js';
import type { OutputBoard, Weather } from './output-board.js';

export class Troubles {
  /** When anything about the board or its bus last changed, for better or worse. */
  changedMs = Number.NEGATIVE_INFINITY;
  /** When the wall clock was last set, either way. */
  forwardMs = Number.NEGATIVE_INFINITY;
  backMs = Number.NEGATIVE_INFINITY;
  readonly #board: OutputBoard;
  readonly #clock: FakeClock;
  #lost = 0;

  constructor(board: OutputBoard, clock: FakeClock) {
    this.#board = board;
    this.#clock = clock;
  }

  meet(change: Partial<Weather>): void {
    Object.assign(this.#board.weather, change);
    this.#changed();
  }

  hang(begins: boolean): void {
    if (begins) this.#board.hang();
    else this.#board.letGo();
    this.#changed();
  }

  setClock(byMs: number): void {
    this.#clock.jumpWallClock(byMs);
    if (byMs > 0) this.forwardMs = this.#clock.monotonicMs();
    else this.backMs = this.#clock.monotonicMs();
  }

  /** Something was on the wire: its acknowledgement may have been the one to be lost. */
  met(): void {
    if (this.#board.weather.lost < this.#lost) this.#changed();
  }

  #changed(): void {
    this.changedMs = this.#clock.monotonicMs();
    this.#lost = this.#board.weather.lost;
  }
}
