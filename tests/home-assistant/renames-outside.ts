// The same Home Assistant at another broker, Mosquitto with users, by MQTT 3.1.1: what its user made of an entity stays with it
// when the gateway's device, field and command are renamed, and so does its history.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startGateway, type ExampleConfig, type GatewayProcess } from '../support/gateway-process.js';
import { withoutMosquitto } from '../support/mqtt/mosquitto.js';
import { refusingFive } from '../support/mqtt/old-broker.js';
import { startByConf } from '../support/mqtt/mosquitto-conf.js';
import { untilAsync } from '../support/waiting.js';
import { forHomeAssistant } from './greenhouse.js';
import { BACK_LIMIT_MS, becomes, type HomeAssistant } from './home-assistant.js';
import { filesForHome } from './outside-users.js';

const PUMP = 'number.greenhouse_tank_1_pump';
/** As its user has called it. */
const OURS = 'number.our_pump';
const TEMPERATURE = 'sensor.greenhouse_tank_1_temperature';
const REPLY = 'sensor.greenhouse_tank_1_pump_reply';

interface Tank {
  samples: { fields: Record<string, object> }[];
  commands: Record<string, object>;
}

/** tank-1 → rain-1, and its pump, a field and a command, → fill. */
function rename(config: ExampleConfig): void {
  config.devices['rain-1'] = { ...config.devices['tank-1'], was: 'tank-1' };
  delete config.devices['tank-1'];
  const { samples, commands } = config.types['tank'] as Tank & Record<string, unknown>;
  for (const sample of samples)
    sample.fields = Object.fromEntries(
      Object.entries(sample.fields).map(([id, field]) =>
        id === 'pump' ? ['fill', { ...field, was: 'pump' }] : [id, field],
      ),
    );
  commands['fill'] = { ...commands['pump'], was: 'pump' };
  delete commands['pump'];
}

/** Its own form to set the integration anew. */
async function moveTo({ api, ask }: HomeAssistant, port: number): Promise<void> {
  const entries = await ask<{ entry_id: string; domain: string }[]>({ type: 'config_entries/get' });
  const entry = entries.find(({ domain }) => domain === 'mqtt');
  const form = await api<{ flow_id: string }>('config/config_entries/flow', {
    handler: 'mqtt',
    entry_id: entry?.entry_id,
  });
  const made = await api<{ reason?: string }>(`config/config_entries/flow/${form.flow_id}`, {
    ...{ broker: '127.0.0.1', port, protocol: '3.1.1', username: 'ha', password: 'secret' },
    other_settings: { set_client_cert: false, set_ca_cert: 'off', transport: 'tcp' },
  });
  assert.equal(made.reason, 'reconfigure_successful', JSON.stringify(made));
}

async function startAt(
  t: TestContext,
  port: number,
  dataDir: string,
  change: (config: ExampleConfig) => void = () => undefined,
): Promise<GatewayProcess> {
  return startGateway(t, {
    dataDir,
    change: (config) => {
      forHomeAssistant(config);
      change(config);
    },
    args: ['--no-broker'],
    env: { MQTT_URL: `mqtt://gateway:secret@127.0.0.1:${String(port)}` },
  });
}

interface Device {
  readonly id: string;
  readonly identifiers: readonly (readonly [string, string])[];
}

/** Identifier and id of each, as Home Assistant keeps them. */
async function devices({ ask }: HomeAssistant): Promise<readonly string[]> {
  const all = await ask<readonly Device[]>({ type: 'config/device_registry/list' });
  return all.map(({ id, identifiers: [[, identifier] = ['', '']] }) => `${identifier} ${id}`).toSorted();
}

/** While a component is given another topic it is away for a moment, and what is asked of it is lost. */
async function isCommandedBy(home: HomeAssistant, topic: string): Promise<boolean> {
  const tank = (await devices(home)).find((device) => device.includes('/tank-1 '))?.split(' ')[1];
  const told = await home.ask({ type: 'mqtt/device/debug_info', device_id: tank });
  return JSON.stringify(told).includes(topic);
}

async function pump(home: HomeAssistant, speed: number): Promise<void> {
  await home.api('services/number/set_value', { entity_id: OURS, value: speed });
  await becomes(home, OURS, new RegExp(`^${String(speed)}(\\.0)?$`));
  await becomes(home, REPLY, /^done$/);
}

/** Restarted at the end, while the gateway is there. At the embedded broker before, with the same data folder. */
export async function renamesOutside(t: TestContext, home: HomeAssistant, dataDir: string): Promise<void> {
  if (withoutMosquitto !== false) {
    t.diagnostic(withoutMosquitto);
    return;
  }
  const discovery = { gateway: 'greenhouse', prefix: 'homeassistant' };
  const { port } = await startByConf(t, await filesForHome(t, discovery));
  // It would begin to speak 5 by itself with a broker that can.
  await moveTo(home, await refusingFive(t, port));
  const first = await startAt(t, port, dataDir);
  await becomes(home, PUMP, /^\d/);
  const changed = { entity_id: PUMP, new_entity_id: OURS, name: 'Our pump' };
  await home.ask({ type: 'config/entity_registry/update', ...changed });
  await becomes(home, OURS, /^\d/);
  await pump(home, 41);
  const before = await devices(home);

  await first.end('SIGKILL');
  await becomes(home, OURS, /^unavailable$/);
  const second = await startAt(t, port, dataDir, rename);
  await untilAsync('it has the new topics', () => isCommandedBy(home, 'rain-1/command/fill'), BACK_LIMIT_MS);
  await becomes(home, OURS, /^\d/);
  await pump(home, 42);
  await becomes(home, TEMPERATURE, /^\d+\.\d+$/);
  // Behind the name of its device.
  assert.match(String((await home.state(OURS))?.attributes['friendly_name']), /Our pump$/);
  assert.deepEqual(await devices(home), before, 'it is no other device');
  const strangers = [...(await home.states()).keys()].filter((id) => /rain_1|_fill/.test(id));
  assert.deepEqual(strangers, []);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const asked = `history/period/${since}?filter_entity_id=${OURS}&minimal_response`;
  const had = async (speed: number): Promise<boolean> => {
    const [states = []] = await home.api<{ state: string }[][]>(asked);
    return states.some(({ state }) => Number(state) === speed);
  };
  for (const speed of [41, 42])
    await untilAsync(`${String(speed)} in its history`, () => had(speed), BACK_LIMIT_MS);
  await home.restart();
  await becomes(home, OURS, /^42(\.0)?$/);
  await pump(home, 43);
  await second.end('SIGTERM');
  await becomes(home, OURS, /^unavailable$/);
}
