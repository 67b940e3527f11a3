// Lines that come again and again for one cause, as from a client that is refused every ten seconds all day: the first is
// written, those after it are counted, and their number is said after pauses that grow. Beside the allowance of a part
// (sparing-log.ts), which bounds a flood, this is for the drip that never fills it: 8,640 lines a day.
import type { Clock, Log, LogFields } from '../../shared/ports.js';

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Whoever comes beyond them is written each time, as the allowance of the part lets it. */
const MOST_KEYS = 200;

type Level = 'info' | 'warn';

interface Line {
  readonly level: Level;
  readonly fields: LogFields;
  readonly message: string;
}

interface Repeated {
  last: Line;
  again: number;
  pauseMs: number;
  cancel: () => void;
}

export class RepeatedLines {
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #byKey = new Map<string, Repeated>();
  #isClosed = false;

  constructor(log: Log, clock: Pick<Clock, 'after'>) {
    this.#log = log;
    this.#clock = clock;
  }

  /** `who` and `cause` together are what is counted: of few values, or the table is soon full. */
  say(level: Level, who: string | undefined, fields: LogFields, message: string, cause = message): void {
    const key = `${who ?? ''}\n${cause.slice(0, 200)}`;
    const line = { level, fields, message };
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.last = line;
      known.again += 1;
      return;
    }
    this.#log[level](fields, message);
    if (this.#isClosed || this.#byKey.size >= MOST_KEYS) return;
    const repeated = { last: line, again: 0, pauseMs: FIRST_PAUSE_MS, cancel: (): void => undefined };
    this.#byKey.set(key, repeated);
    this.#wait(key, repeated);
  }

  open(): void {
    this.#isClosed = false;
  }

  /** Says what it has counted; until it is opened again, each line is written. */
  close(): void {
    this.#isClosed = true;
    for (const repeated of this.#byKey.values()) {
      repeated.cancel();
      if (repeated.again > 0) this.#sum(repeated);
    }
    this.#byKey.clear();
  }

  #wait(key: string, repeated: Repeated): void {
    repeated.cancel = this.#clock.after(repeated.pauseMs, () => {
      if (repeated.again === 0) {
        this.#byKey.delete(key);
        return;
      }
      this.#sum(repeated);
      repeated.pauseMs = Math.min(repeated.pauseMs * 2, LONGEST_PAUSE_MS);
      this.#wait(key, repeated);
    });
  }

  #sum(repeated: Repeated): void {
    const { last, again } = repeated;
    const times = again === 1 ? 'once more' : `${String(again)} more times`;
    repeated.again = 0;
    this.#log[last.level]({ ...last.fields, again }, `${last.message} (${times} since)`);
  }
}
