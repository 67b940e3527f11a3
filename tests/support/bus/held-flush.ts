// A real journal whose disk takes its time with a flush, as long as a test says.
import type { CommandJournal } from '../../../shared/command-journal.js';

export class HeldFlush {
  /** Flushes that wait. */
  waiting = 0;
  #held: Promise<void> | undefined;
  #release: () => void = () => undefined;

  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#held = undefined;
    this.#release();
  }

  over(journal: CommandJournal): CommandJournal {
    return {
      flushed: async () => {
        this.waiting += 1;
        await this.#held;
        this.waiting -= 1;
        await journal.flushed();
      },
      accept: (command) => journal.accept(command),
      begin: (keys) => journal.begin(keys),
      finish: (key, reply, mayRunAgain) => journal.finish(key, reply, mayRunAgain),
      said: (positions) => journal.said(positions),
      left: (boot, after, limit) => journal.left(boot, after, limit),
      unsaid: (after, limit) => journal.unsaid(after, limit),
      stats: () => journal.stats(),
    };
  }
}
