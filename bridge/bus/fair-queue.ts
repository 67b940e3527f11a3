// The order of turns on a bus: safe writes first, then commands before polls, and neither of these starves.
import type { Queue, QueueAddOptions } from 'p-queue';

/** p-queue knows priorities as numbers. */
export const URGENT_PRIORITY = 2;
export const COMMAND_PRIORITY = 1;
export const POLL_PRIORITY = 0;

/**
 * After so many commands in a row one waiting poll goes. Without it a flood of commands leaves the polls a sixth
 * of their turns; with it they have at least one turn in five.
 */
const COMMANDS_BEFORE_A_POLL = 4;

type Run = () => Promise<unknown>;
export interface TurnOptions extends QueueAddOptions {
  readonly priority?: number;
  /** True while its target talks with somebody else: others go before it. */
  readonly isHeld?: () => boolean;
  /** True when nobody waits for it any more: it takes no turn, least of all one of the few that polls have in a flood. */
  readonly isOver?: () => boolean;
  /** True when a safe write waits for it to end. */
  readonly isHurried?: () => boolean;
}

interface Waiting {
  readonly run: Run;
  readonly isHeld: () => boolean;
  readonly isOver: () => boolean;
  readonly isHurried: () => boolean;
}

/** p-queue's `queueClass`: three first-in-first-out lines, in which those that are held stand aside. */
export class FairQueue implements Queue<Run, TurnOptions> {
  /** What makes an output safe; a few at most, so nobody starves behind them. */
  readonly #urgent: Waiting[] = [];
  readonly #commands: Waiting[] = [];
  readonly #polls: Waiting[] = [];
  #commandsInARow = 0;

  /** How many could go now. */
  get size(): number {
    return [...this.#urgent, ...this.#commands, ...this.#polls].filter(isFree).length;
  }

  enqueue(run: Run, options?: Partial<TurnOptions>): void {
    this.#line(options?.priority).push({
      run,
      isHeld: options?.isHeld ?? never,
      isOver: options?.isOver ?? never,
      isHurried: options?.isHurried ?? never,
    });
  }

  dequeue(): Run | undefined {
    dropOver(this.#urgent);
    dropOver(this.#commands);
    dropOver(this.#polls);
    const urgent = this.#urgent.findIndex(isFree);
    if (urgent >= 0) return this.#urgent.splice(urgent, 1)[0]?.run;
    const hurried = this.#commands.findIndex((waiting) => isFree(waiting) && waiting.isHurried());
    if (hurried >= 0) return this.#commands.splice(hurried, 1)[0]?.run;
    const poll = this.#polls.findIndex(isFree);
    const command = this.#commands.findIndex(isFree);
    if (command < 0 || (poll >= 0 && this.#commandsInARow >= COMMANDS_BEFORE_A_POLL)) {
      this.#commandsInARow = 0;
      return poll < 0 ? undefined : this.#polls.splice(poll, 1)[0]?.run;
    }
    this.#commandsInARow += 1;
    return this.#commands.splice(command, 1)[0]?.run;
  }

  filter(options: Readonly<Partial<TurnOptions>>): Run[] {
    return this.#line(options.priority)
      .filter(isFree)
      .map(({ run }) => run);
  }

  /** Part of p-queue's interface; a turn's priority never changes here. */
  setPriority(): void {
    throw new TypeError('A turn on the bus keeps its priority');
  }

  #line(priority: number | undefined): Waiting[] {
    if (priority === URGENT_PRIORITY) return this.#urgent;
    return priority === COMMAND_PRIORITY ? this.#commands : this.#polls;
  }
}

function isFree({ isHeld, isOver }: Waiting): boolean {
  return !isHeld() && !isOver();
}

function dropOver(line: Waiting[]): void {
  for (let index = line.length - 1; index >= 0; index -= 1)
    if (line[index]?.isOver() === true) line.splice(index, 1);
}

function never(): boolean {
  return false;
}
