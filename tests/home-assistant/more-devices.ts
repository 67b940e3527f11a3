// Devices of gateways that do not run: all patterns of the example, and a field and a command of each kind. What their gateways
// would tell and say is published for them, so that the real Home Assistant judges it.
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { deviceMessage } from '../../bridge/home-assistant/device.js';
import { gatewayMessage } from '../../bridge/home-assistant/gateway-device.js';
import { exampleConfig } from '../../gateway/process/paths.js';
import { checkConfig } from '../../shared/config/check.js';
import type { Device } from '../../shared/device-type.js';
import { Topics } from '../../shared/topics.js';
import type { TestClient } from '../support/mqtt/client.js';
import { AWKWARD, EVERY_KIND } from '../support/every-kind.js';

/** Of the device with a field of each kind; all others are not read yet. */
const VALUES = {
  celsius: 21.5,
  door: true,
  valve: false,
  mode: AWKWARD,
  serial: null,
  banner: '"half" {{ 1 }} \\',
  short: 'abc',
  glow: 50,
  far: null,
};

/** What Home Assistant should make of them: entity → state. */
export const AS_SHOWN: Readonly<Record<string, string>> = {
  'sensor.bench_all_1_celsius': '21.5',
  'sensor.bench_all_1_co2': 'unknown',
  'sensor.bench_all_1_serial': 'unknown',
  'sensor.bench_all_1_mode': AWKWARD,
  'binary_sensor.bench_all_1_door': 'on',
  'binary_sensor.bench_all_1_valve': 'off',
  'switch.bench_all_1_valve': 'off',
  'select.bench_all_1_mode': AWKWARD,
  'select.bench_all_1_preset': 'unknown',
  'text.bench_all_1_banner': '"half" {{ 1 }} \\',
  'text.bench_all_1_serial': 'unknown',
  // It is longer than what can be written.
  'text.bench_all_1_short': '',
  'light.bench_all_1_glow': 'on',
  'light.bench_all_1_lantern': 'on',
  'light.bench_all_1_blind': 'unknown',
  'number.bench_all_1_target': '21.5',
  'number.bench_all_1_huge': 'unknown',
  'binary_sensor.bench_status': 'on',
  'sensor.workbench_weather_1_door': 'unknown',
  'sensor.workbench_power_1_milliamps': 'unknown',
};

/** Publishes them, and gives the entities that must be there. */
export async function tellOfMore(client: TestClient): Promise<readonly string[]> {
  const patterns: unknown = parse(await readFile(exampleConfig.replace('greenhouse', 'patterns'), 'utf8'));
  const say = async (topic: string, message: unknown): Promise<void> =>
    client.publish(topic, JSON.stringify(message), { qos: 1, retain: true });
  const entities: string[] = [];
  for (const raw of [patterns, EVERY_KIND]) {
    const checked = checkConfig(raw);
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
    const { gateway, devices } = checked.config;
    const topics = new Topics('iot', gateway);
    const site = { gateway, version: '0', prefix: 'homeassistant', topics };
    const all = [...devices.values()];
    const messages = [gatewayMessage(site, []), ...all.map((device) => deviceMessage(device, site, []))];
    for (const { topic, payload } of messages) {
      await say(topic, payload);
      const components = Object.values(payload.components);
      entities.push(
        ...components.flatMap((one) => ('default_entity_id' in one ? [one.default_entity_id] : [])),
      );
    }
    await say(topics.status, { state: 'online' });
    for (const device of all) await sayDevice(device, topics, say);
  }
  return entities;
}

async function sayDevice(
  { id }: Device,
  topics: Topics,
  say: (topic: string, message: unknown) => Promise<void>,
): Promise<void> {
  await say(topics.availability(id), { state: 'degraded' });
  await say(topics.state(id), { ts: 0, values: id === 'all-1' ? VALUES : {} });
}
