// `watch`: live values of the gateway that runs, as a table that is drawn anew, or as lines where there is no terminal.
import { stdout } from 'node:process';
import type { ListedDevice } from '../../control/device-handlers.js';
import { SystemClock } from '../../process/system-clock.js';
import { columns } from '../print/columns.js';
import { paintFor } from '../print/paint.js';
import { printable } from '../print/printable.js';
import { HEADER, lineOf, rowsOf } from './live-values.js';
import { Redrawn } from './redrawn.js';
import { listedDevices, oneOf } from './running.js';

export interface WatchOptions {
  readonly data: string;
  readonly json?: boolean;
  readonly once?: boolean;
}

/** As often as most devices are read. */
const EVERY_MS = 1000;

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

function asTable(isRedrawn: boolean): Show {
  const paint = paintFor(stdout);
  const linesOf = (devices: readonly ListedDevice[]): readonly string[] =>
    columns([HEADER, ...devices.flatMap(rowsOf)], paint);
  if (!isRedrawn)
    return (devices) => {
      for (const line of linesOf(devices)) stdout.write(`${line}\n`);
    };
  let redrawn: Redrawn | undefined;
  return (devices) => {
    // Not before there is something to draw: an error before that is a line like any other.
    redrawn ??= new Redrawn();
    redrawn.draw(linesOf(devices));
  };
}
