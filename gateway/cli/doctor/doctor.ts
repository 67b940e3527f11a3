// `doctor`: what is well on this machine, what is not, and what to do about it.
import process, { env, stdout } from 'node:process';
import { examine } from '../../doctor/examine.js';
import type { Finding, State } from '../../doctor/finding.js';
import { Machine } from '../../doctor/machine.js';
import { exampleConfig } from '../../process/paths.js';
import { SystemClock } from '../../process/system-clock.js';
import { printable } from '../print/printable.js';
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
  const lines = json === true ? [JSON.stringify(findings, null, 2)] : printed(findings);
  for (const line of lines) stdout.write(`${line}\n`);
  return findings.some(({ state }) => state === 'fail') ? 1 : 0;
}

export function printed(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, found, advice }) => [
    `${state.padEnd(7)}  ${check.padEnd(width)}  ${printable(found)}`,
    ...(advice === undefined ? [] : [`${' '.repeat(width + 11)}→ ${printable(advice)}`]),
  ]);
  const count = (state: State): number => findings.filter((one) => one.state === state).length;
  const [bad, weak] = [count('fail'), count('warn')];
  if (bad + weak === 0) return [...lines, 'All is well.'];
  return [...lines, `${String(bad)} failed, ${String(weak)} to be looked at.`];
}
