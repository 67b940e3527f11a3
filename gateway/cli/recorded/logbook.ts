// `logbook`: who sent which command, and what happened, printed. Reads the data folder itself, as `history` does.
import { stdout } from 'node:process';
import { logbookOfBoth } from '../../../bridge/history/also-former.js';
import { parseLogbookQuery } from '../../../bridge/logbook/request.js';
import { defined } from '../../../shared/config/defined.js';
import { asGatewayError, GatewayError } from '../../../shared/errors.js';
import type { CommandEntry, LogbookEntry, LogbookQuery } from '../../../shared/logbook.js';
import { LAST_MOMENT } from '../../../shared/moment.js';
import { toldFormer } from '../../left-behind/told-devices.js';
import { readLocalLogbook } from '../../store/shell/reader.js';
import { SystemClock } from '../../process/system-clock.js';
import { spanOf } from './history-range.js';
import { refuseUnknown } from './known-device.js';
import { columns } from '../print/columns.js';
import { lookOf } from '../print/paint.js';
import { printable } from '../print/printable.js';
import { wholeNumber } from '../typed/whole-number.js';

export interface LogbookOptions {
  readonly last?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
  readonly data: string;
  readonly commands?: boolean;
  readonly events?: boolean;
  readonly json?: boolean;
}

export async function logbook(device: string | undefined, options: LogbookOptions): Promise<void> {
  const former = await toldFormer(options.data);
  const query = logbookOfBoth(queryOf(device, options, new SystemClock().now()), former);
  const entries = await readLocalLogbook(options.data, query);
  if (device !== undefined && entries.length === 0)
    await refuseUnknown(device, options.data, async () => {
      const ever = logbookOfBoth({ device, fromTs: 0, toTs: LAST_MOMENT, limit: 1 }, former);
      return (await readLocalLogbook(options.data, ever)).length > 0;
    });
  const { paint, widthColumns } = lookOf(stdout);
  const lines =
    options.json === true
      ? entries.map((entry) => printable(JSON.stringify(entry)))
      : columns(entries.map(cellsOf), paint, widthColumns);
  for (const line of lines) stdout.write(`${line}\n`);
  if (entries.length === 0) console.error(`Nothing of the kind happened in ${spanOf(options, '1d')}.`);
}

/** The same limits as over MQTT; what was typed is the mistake, not a payload. */
function queryOf(device: string | undefined, options: LogbookOptions, now: number): LogbookQuery {
  const { last, from, to, limit, commands = false, events = false } = options;
  const kind = commands === events ? {} : { kind: commands ? 'command' : 'event' };
  try {
    return parseLogbookQuery(
      { ...kind, ...defined({ device, last, from, to }), limit: wholeNumber(limit, '--limit') },
      now,
    );
  } catch (thrown) {
    throw new GatewayError('bad_argument', asGatewayError(thrown).message, { cause: thrown });
  }
}

/** `2026-11-22T23:14:05.120Z  tank-1  pump {"speed":80}  done, by anna (node-red)`. */
function cellsOf(entry: LogbookEntry): readonly string[] {
  const parts = [new Date(entry.ts).toISOString(), entry.device ?? '-'];
  if (entry.kind === 'event') {
    return [...parts, entry.name, entry.detail === undefined ? '' : JSON.stringify(entry.detail)];
  }
  const { name, args, status, error, repeats } = entry;
  const asked =
    args === undefined || Object.keys(args).length === 0 ? name : `${name} ${JSON.stringify(args)}`;
  const outcome = error === undefined ? status : `${status} (${error.code})`;
  const again = repeats === undefined ? [] : [`repeats that of ${new Date(repeats).toISOString()}`];
  return [...parts, asked, [outcome, `by ${byWhom(entry)}`, ...again].join(', ')];
}

function byWhom({ by, why, of }: CommandEntry): string {
  if (why !== undefined) return `the gateway (${why}${of === undefined ? '' : ` after ${of}`})`;
  if (by === undefined) return 'somebody at the outside broker';
  return by.user === undefined ? `client ${by.client}` : `${by.user} (${by.client})`;
}
