// `check`: is this configuration sound?
import { scheduledLoad } from '../../shared/config/budget.js';
import { loadConfig } from '../config/load.js';
import { exampleConfig } from '../paths.js';

export async function check(options: { readonly config?: string }): Promise<void> {
  const file = options.config ?? exampleConfig;
  const config = await loadConfig(file);
  const devices = [...config.devices.values()];
  console.log(`${file} is sound: gateway ${config.gateway}, ${String(devices.length)} devices.`);
  for (const bus of config.buses.values()) {
    const onBus = devices.filter((device) => device.bus === bus.id);
    const percent = (scheduledLoad(onBus, bus.bitsPerSecond) * 100).toFixed(1);
    console.log(
      `bus ${bus.id} (${bus.path}): ${String(onBus.length)} devices, ${percent} % of its time is scheduled`,
    );
  }
}
