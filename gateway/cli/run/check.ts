// `check`: is this configuration sound?
import { dirname } from 'node:path';
import { scheduledLoad } from '../../../shared/config/budget.js';
import type { GatewayConfig } from '../../../shared/config/config.js';
import { loadJudged, type OutsideCheck } from '../../config/load.js';
import { ConfigMistakes, type Mistake } from '../../config/mistakes.js';
import { printAnswer } from '../print/answer.js';
import {
  busProblems,
  doorProblems,
  firmwareProblems,
  loginProblems,
  secretProblems,
} from './outside-problems.js';
import { exampleConfig } from '../../process/paths.js';

export interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Gives the exit code: 1 for mistakes that were printed as JSON. Rejects with them otherwise. */
export async function check({ config: named, json }: CheckOptions): Promise<number> {
  const file = named ?? exampleConfig;
  try {
    const { document, lines } = await checked(file);
    printAnswer(json, document, () => lines);
    return 0;
  } catch (thrown) {
    if (json !== true || !(thrown instanceof ConfigMistakes)) throw thrown;
    printAnswer(json, { file, sound: false, mistakes: thrown.mistakes }, () => []);
    return 1;
  }
}

/** Of a sound one. Rejects with its mistakes. */
export async function checked(
  file: string,
): Promise<{ readonly document: object; readonly lines: readonly string[] }> {
  const { config, warnings } = await loadAll(file);
  return {
    document: { file, sound: true, ...summaryOf(config), warnings },
    lines: [...linesOf(file, config), ...warnings.map((warning) => warningLine(file, warning))],
  };
}

function warningLine(file: string, { line, path = '', message }: Mistake): string {
  return `warning: ${file}:${String(line)}: ${path} ${message}`;
}

function loadAll(file: string): ReturnType<typeof loadJudged> {
  const firmware: OutsideCheck = (found) => firmwareProblems(found, dirname(file));
  const doors: OutsideCheck = (found) => doorProblems(found, dirname(file));
  const logins: OutsideCheck = (found) => loginProblems(found, dirname(file));
  return loadJudged(file, busProblems, firmware, doors, secretProblems, logins);
}

interface Summary {
  readonly gateway: string;
  readonly devices: number;
  readonly buses: readonly BusSummary[];
}

interface BusSummary {
  readonly id: string;
  readonly path: string;
  readonly devices: number;
  /** Of its time, in percent, that is scheduled. */
  readonly percent: number;
}

function summaryOf({ gateway, devices, buses }: GatewayConfig): Summary {
  const all = [...devices.values()];
  return {
    gateway,
    devices: all.length,
    buses: [...buses.values()].map(({ id, path, bitsPerSecond }) => {
      const onBus = all.filter((device) => device.bus === id);
      const percent = Number((scheduledLoad(onBus, bitsPerSecond) * 100).toFixed(1));
      return { id, path, devices: onBus.length, percent };
    }),
  };
}

function linesOf(file: string, config: GatewayConfig): string[] {
  const { gateway, devices, buses } = summaryOf(config);
  return [
    `${file} is sound: gateway ${gateway}, ${count(devices)}.`,
    ...buses.map(
      (bus) =>
        `bus ${bus.id} (${bus.path}): ${count(bus.devices)}, ${bus.percent.toFixed(1)} % of its time is scheduled`,
    ),
  ];
}

function count(devices: number): string {
  return devices === 1 ? '1 device' : `${String(devices)} devices`;
}
