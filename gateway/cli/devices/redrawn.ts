// A table that is drawn over and over on a terminal, which is as it was when it ends, however it ends.
import { stdout } from 'node:process';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const NO_FOLDING = '\u001b[?7l';
const FOLDING = '\u001b[?7h';
const CLEAR_BELOW = '\u001b[J';
const USUAL_ROWS = 24;
/** 128 + the signal's number, as a shell reports it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Lines wider than the terminal are cut by it, not folded: their count is the way back. */
export class Redrawn {
  #lines: readonly string[] = [];
  #drawn = 0;

  constructor() {
    stdout.write(HIDE_CURSOR);
    // However the process ends; a signal would end it without this. Over the ^C that the terminal shows.
    process.once('exit', () => stdout.write(`\r${CLEAR_BELOW}${SHOW_CURSOR}`));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => process.exit(EXIT_CODES[signal]));
    stdout.on('resize', () => {
      // What a terminal makes of lines when its size changes is its own: all of it is drawn anew.
      this.#drawn = 0;
      stdout.write(`\u001b[H${CLEAR_BELOW}`);
      this.draw(this.#lines);
    });
  }

  draw(all: readonly string[]): void {
    this.#lines = all;
    const lines = fitting(all, stdout.rows);
    const back = this.#drawn === 0 ? '' : `\u001b[${String(this.#drawn)}A`;
    const text = lines.map((line) => `${line}\n`).join('');
    stdout.write(`${back}\r${CLEAR_BELOW}${NO_FOLDING}${text}${FOLDING}`);
    this.#drawn = lines.length;
  }
}

/** What scrolls out of the top cannot be drawn over. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  // One that does not know its size says 0.
  const room = (rows > 0 ? rows : USUAL_ROWS) - 1;
  if (lines.length <= room) return lines;
  const kept = lines.slice(0, Math.max(1, room - 1));
  return [...kept, `… ${String(lines.length - kept.length)} more lines; name a device to see all of it`];
}
