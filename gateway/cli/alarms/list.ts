// `alarms`: what the gateway that runs knows of its alarms, as a table.
import { stdout } from 'node:process';
import type { ListedAlarm } from '../../../bridge/alarms/keeper.js';
import { SEVERITIES } from '../../../shared/alarms/spec.js';
import { defined } from '../../../shared/config/defined.js';
import { askRunning, listedDevices, oneOf } from '../devices/running.js';
import { printAnswer } from '../print/answer.js';
import { table, type Cell } from '../print/columns.js';
import { lookOf, type Colour } from '../print/paint.js';

export interface ListOptions {
  readonly data: string;
  readonly json?: boolean;
}

const HEADER = ['device', 'alarm', 'state', 'since', 'severity', 'what'];
const COLOURS = { info: 'bold', warning: 'yellow', critical: 'red' } as const satisfies Record<
  string,
  Colour
>;

/** Rejects with unknown_device, and where none runs with closed. */
export async function alarms(device: string | undefined, { data, json }: ListOptions): Promise<void> {
  if (device !== undefined) oneOf(await listedDevices(data), device);
  const answer = (await askRunning(data, 'alarms', defined({ device }))) as {
    readonly alarms: readonly ListedAlarm[];
  };
  const listed = answer.alarms.toSorted((one, other) => urgency(other) - urgency(one));
  if (listed.length === 0) console.error(`${device ?? 'This gateway'} has no alarms.`);
  printAnswer(json, listed, () =>
    listed.length === 0 ? [] : table([HEADER, ...listed.map(cellsOf)], lookOf(stdout)),
  );
}

/** The worst first; what is not raised stays in the order of the configuration. */
function urgency({ state, severity }: ListedAlarm): number {
  return state === 'raised' ? 1 + SEVERITIES.indexOf(severity) : 0;
}

function cellsOf({ device, alarm, state, since, severity, ...said }: ListedAlarm): readonly Cell[] {
  const { label, message, acknowledged } = said;
  const known = acknowledged === undefined ? '' : ` (${knownBy(acknowledged)})`;
  return [
    ...[device, alarm],
    { text: state, colour: state === 'raised' ? COLOURS[severity] : 'green' },
    ...[new Date(since).toISOString(), severity],
    `${message ?? label}${known}`,
  ];
}

/** `anna knows: on my way` */
function knownBy({ by, note }: NonNullable<ListedAlarm['acknowledged']>): string {
  return `${by} knows${note === undefined ? '' : `: ${note}`}`;
}
