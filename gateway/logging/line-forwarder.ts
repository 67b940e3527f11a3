// Hands log lines on to one listener (the log/<level> topics) without a line about a line about a line.
import type { Clock } from '../../shared/ports.js';
import type { LogLevel } from '../../shared/topics.js';

/** `line` is one JSON object without a newline. */
export type LineListener = (level: LogLevel, line: string) => void;

/** A publisher that logs each of its publishes, in a later turn, would go round for ever: this bounds the circle. */
const MAX_LINES_PER_SECOND = 100;

export class LineForwarder {
  readonly #clock: Clock;
  #listener: LineListener | undefined;
  #forwarding = false;
  #secondBeganMs = Number.NEGATIVE_INFINITY;
  #linesThisSecond = 0;
  #droppedLines = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lines not handed on, because there were too many in a second. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** At most one listener; undefined takes it away. */
  listen(listener: LineListener | undefined): void {
    this.#listener = listener;
  }

  /** What the listener logs while it is called is not handed to it. A listener that throws is a bug and is thrown on. */
  forward(level: LogLevel, line: string): void {
    if (this.#listener === undefined || this.#forwarding) return;
    if (!this.#mayForward()) {
      this.#droppedLines += 1;
      return;
    }
    this.#forwarding = true;
    try {
      this.#listener(level, line);
    } finally {
      this.#forwarding = false;
    }
  }

  #mayForward(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#secondBeganMs >= 1_000) {
      this.#secondBeganMs = nowMs;
      this.#linesThisSecond = 0;
    }
    this.#linesThisSecond += 1;
    return this.#linesThisSecond <= MAX_LINES_PER_SECOND;
  }
}
