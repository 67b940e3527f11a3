// `watch`: live values of the gateway that runs, as a table that is drawn anew, or as lines where there is no terminal.
import { stdout } from 'node:process';
import type { ListedDevice } from '../../control/device-handlers.js';
import { SystemClock } from '../../process/system-clock.js';
import { columns } from '../print/columns.js';
import { paintFor } from '../print/paint.js';
import { printable } from '../print/printable.js';
import { HEADER, lineOf, rowsOf } from './live-values.js';
import { listedDevices, oneOf } from './running.js';

export interface WatchOptions {
  readonly data: string;
  readonly json?: boolean;
  readonly once?: boolean;
}

/** As often as most devices are read. */
const EVERY_MS = 1000;
const USUAL_ROWS = 24;

/** Ends with the gateway (closed), with whoever reads it, or by Ctrl-C. */
export async function watch(device: string | undefined, options: WatchOptions): Promise<void> {
  const { data, json, once } = options;
  const clock = new SystemClock();
  const unread = new AbortController();
  stdout.once('error', () => {
    unread.abort();
  });
  const show =
    json === true || !(stdout.isTTY || once === true)
      ? inLines(json === true)
      : asTable(stdout.isTTY && once !== true);
  for (;;) {
    const all = await listedDevices(data);
    show(device === undefined ? all : [oneOf(all, device)]);
    if (once === true) return;
    await new Promise<void>((resolve) => clock.after(EVERY_MS, resolve));
    // `| head` has seen enough.
    if (unread.signal.aborted) return;
  }
}

type Show = (devices: readonly ListedDevice[]) => void;

/** Each reading, and each change of what the bus knows of a device, once. */
function inLines(json: boolean): Show {
  const said = new Map<string, string>();
  return (devices) => {
    for (const device of devices) {
      const { id, availability, state } = device;
      const text = JSON.stringify({ device: id, availability, state });
      if (said.get(id) === text) continue;
      said.set(id, text);
      stdout.write(`${json ? printable(text) : lineOf(device)}\n`);
    }
  };
}

/** Over the table of before. Lines wider than the terminal are cut by it, not folded: their count is the way back. */
function asTable(isRedrawn: boolean): Show {
  const paint = paintFor(stdout);
  let drawn = 0;
  return (devices) => {
    const all = columns([HEADER, ...devices.flatMap(rowsOf)], paint);
    const lines = isRedrawn ? fitting(all, stdout.rows) : all;
    const text = lines.map((line) => `${line}\n`).join('');
    if (!isRedrawn) stdout.write(text);
    else {
      const back = drawn === 0 ? '' : `\u001b[${String(drawn)}A`;
      stdout.write(`${back}\r\u001b[J\u001b[?7l${text}\u001b[?7h`);
    }
    drawn = lines.length;
  };
}

/** What scrolls out of the top cannot be drawn over. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  // One that does not know its size says 0.
  const room = (rows > 0 ? rows : USUAL_ROWS) - 1;
  if (lines.length <= room) return lines;
  const kept = lines.slice(0, Math.max(1, room - 1));
  return [...kept, `… ${String(lines.length - kept.length)} more lines; name a device to see all of it`];
}
