// `acknowledge`: somebody at the shell knows of an alarm, and the gateway that runs is told.
import { stderr } from 'node:process';
import type { AcknowledgeAnswer } from '../../../bridge/alarms/keeper.js';
import { defined } from '../../../shared/config/defined.js';
import { askRunning, listedDevices, oneOf } from '../devices/running.js';
import { printAnswer } from '../print/answer.js';
import { printable } from '../print/printable.js';

export interface AcknowledgeOptions {
  readonly by?: string;
  readonly note?: string;
  readonly data: string;
  readonly json?: boolean;
}

/** Gives the exit code: 0 where it is raised, whoever said it first. Rejects with unknown_device, unknown_alarm. */
export async function acknowledge(
  device: string,
  alarm: string,
  options: AcknowledgeOptions,
): Promise<number> {
  const { by, note, data, json } = options;
  oneOf(await listedDevices(data), device);
  const answer = await askRunning(data, 'acknowledge', { device, alarm, ...defined({ by, note }) });
  const { isRaised, acknowledged } = answer as AcknowledgeAnswer;
  const sentence = printable(`${device}: ${alarm} ${stateOf(acknowledged)}`);
  if (json === true || isRaised) printAnswer(json, answer, () => [sentence]);
  else stderr.write(`${sentence}\n`);
  return isRaised ? 0 : 1;
}

/** `is acknowledged by anna since 2026-11-22T23:14:05.120Z (on my way).` */
function stateOf(acknowledged: AcknowledgeAnswer['acknowledged']): string {
  if (acknowledged === undefined) return 'is not raised.';
  const { by, ts, note } = acknowledged;
  const why = note === undefined ? '' : ` (${note})`;
  return `is acknowledged by ${by} since ${new Date(ts).toISOString()}${why}.`;
}
