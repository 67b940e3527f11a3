// `doctor`: what is well on this machine, what is not, and what to do about it.
import process, { env, stdout } from 'node:process';
import { examine } from '../../doctor/examine.js';
import type { Finding, State } from '../../doctor/finding.js';
import { Machine } from '../../doctor/machine.js';
import { exampleConfig } from '../../process/paths.js';
import { SystemClock } from '../../process/system-clock.js';
import { printAnswer } from '../print/answer.js';
import { columns, type Cell } from '../print/columns.js';
import { lookOf, PLAIN_LOOK, type Colour, type Look } from '../print/paint.js';
import type { DoctorOptions } from './commands.js';

/** Gives the exit code: 1 where something failed. */
export async function doctor({ config, simulate, data, mqtt, json }: DoctorOptions): Promise<number> {
  const findings = await examine({
    configFile: config ?? exampleConfig,
    isNamed: config !== undefined,
    dataDir: data,
    simulate: simulate === true || config === undefined,
    brokerUrl: mqtt,
    mongodbUri: env['MONGODB_URI'],
    machine: new Machine(),
    self: {
      uid: process.geteuid?.() ?? 0,
      groups: [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])],
    },
    clock: new SystemClock(),
  });
  printAnswer(json, findings, () => printed(findings, lookOf(stdout)));
  return findings.some(({ state }) => state === 'fail') ? 1 : 0;
}

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red', skipped: 'dim' } as const satisfies Record<
  State,
  Colour
>;

export function printed(
  findings: readonly Finding[],
  { paint, widthColumns }: Look = PLAIN_LOOK,
): readonly string[] {
  const rows = findings.flatMap(({ check, state, found, advice }): (readonly Cell[])[] => [
    [{ text: state, colour: COLOURS[state] }, check, found],
    ...(advice === undefined ? [] : [['', '', `→ ${advice}`]]),
  ]);
  const lines = columns(rows, paint, widthColumns);
  const count = (state: State): number => findings.filter((one) => one.state === state).length;
  const [bad, weak] = [count('fail'), count('warn')];
  if (bad + weak === 0) return [...lines, 'All is well.'];
  return [...lines, `${String(bad)} failed, ${String(weak)} to be looked at.`];
}
