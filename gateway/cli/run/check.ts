// `check`: is this configuration sound?
import { dirname } from 'node:path';
import { scheduledLoad } from '../../../shared/config/budget.js';
import { loadConfig, type OutsideCheck } from '../../config/load.js';
import { busProblems, doorProblems, firmwareProblems, loginProblems } from './outside-problems.js';
import { exampleConfig } from '../../process/paths.js';

export async function check(options: { readonly config?: string }): Promise<void> {
  const file = options.config ?? exampleConfig;
  const firmware: OutsideCheck = (found) => firmwareProblems(found, dirname(file));
  const doors: OutsideCheck = (found) => doorProblems(found, dirname(file));
  const logins: OutsideCheck = (found) => loginProblems(found, dirname(file));
  const config = await loadConfig(file, busProblems, firmware, doors, logins);
  const devices = [...config.devices.values()];
  console.log(`${file} is sound: gateway ${config.gateway}, ${count(devices.length)}.`);
  for (const bus of config.buses.values()) {
    const onBus = devices.filter((device) => device.bus === bus.id);
    const percent = (scheduledLoad(onBus, bus.bitsPerSecond) * 100).toFixed(1);
    console.log(`bus ${bus.id} (${bus.path}): ${count(onBus.length)}, ${percent} % of its time is scheduled`);
  }
}

function count(devices: number): string {
  return devices === 1 ? '1 device' : `${String(devices)} devices`;
}
