// The order of turns on a bus: commands before polls, and neither starves.
import type { Queue, QueueAddOptions } from 'p-queue';

/** p-queue knows priorities as numbers. */
export const COMMAND_PRIORITY = 1;
export const POLL_PRIORITY = 0;

/**
 * After so many commands in a row one waiting poll goes. Without it a flood of commands leaves the polls a sixth
 * of their turns; with it they have at least one turn in five.
 */
const COMMANDS_BEFORE_A_POLL = 4;

type Run = () => Promise<unknown>;
type Options = QueueAddOptions & { readonly priority?: number };

/** p-queue's `queueClass`: two first-in-first-out lines. */
export class FairQueue implements Queue<Run, Options> {
  readonly #commands: Run[] = [];
  readonly #polls: Run[] = [];
  #commandsInARow = 0;

  get size(): number {
    return this.#commands.length + this.#polls.length;
  }

  enqueue(run: Run, options?: Partial<Options>): void {
    this.#line(options?.priority).push(run);
  }

  dequeue(): Run | undefined {
    const pollIsDue = this.#commandsInARow >= COMMANDS_BEFORE_A_POLL && this.#polls.length > 0;
    if (this.#commands.length === 0 || pollIsDue) {
      this.#commandsInARow = 0;
      return this.#polls.shift();
    }
    this.#commandsInARow += 1;
    return this.#commands.shift();
  }

  filter(options: Readonly<Partial<Options>>): Run[] {
    return [...this.#line(options.priority)];
  }

  /** Part of p-queue's interface; a turn's priority never changes here. */
  setPriority(): void {
    throw new TypeError('A turn on the bus keeps its priority');
  }

  #line(priority: number | undefined): Run[] {
    return priority === COMMAND_PRIORITY ? this.#commands : this.#polls;
  }
}
