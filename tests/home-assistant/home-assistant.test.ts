// The real Home Assistant at the embedded broker, as its user sets it up: with what its form presets, which is MQTT 5.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { startGateway, type ExampleConfig, type GatewayProcess } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { freePort } from '../support/mqtt/mosquitto.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { untilAsync } from '../support/waiting.js';
import { forHomeAssistant } from './greenhouse.js';
import { entities, type Entity } from './entities.js';
import { AS_SHOWN, tellOfMore } from './more-devices.js';
import {
  BACK_LIMIT_MS,
  becomes,
  startHomeAssistant,
  withoutHomeAssistant,
  type HomeAssistant,
} from './home-assistant.js';
import { renamesOutside } from './renames-outside.js';

interface Field {
  readonly name: string;
  readonly default?: unknown;
}

interface Step {
  readonly type: string;
  readonly flow_id: string;
  readonly errors?: object;
  readonly data_schema?: readonly Field[];
}

const TEMPERATURE = 'sensor.greenhouse_tank_1_temperature';
const PUMP = 'number.greenhouse_tank_1_pump';
const FAN = 'switch.greenhouse_climate_1_fan';
const LAMP = 'light.greenhouse_lamp_1_dim';
const SIGNAL = 'select.greenhouse_signal_1_level';
const LINE = 'text.greenhouse_panel_1_line';
const DARK = 'button.greenhouse_signal_1_dark';
const EVENT = 'event.greenhouse_event';
const HALF = 'it\'s "half" {{ 1 }} ☼';
/** As long as a text of Home Assistant may be. */
const LONG = `"\\{{ '`.padEnd(255, '~');
/**
 * The broker ends with the gateway, by a kill and in order: what Home Assistant says of that alone. The last of it is its own
 * unsubscribing, gathered for a moment, from what has just been removed.
 */
const OF_THE_END =
  /failed to receive on socket|The connection was lost|The client is not currently connected/;

/** Its form, with nothing changed but where the broker is. */
async function addBroker({ api }: HomeAssistant, port: number): Promise<void> {
  const form = await api<Step>('config/config_entries/flow', { handler: 'mqtt' });
  const preset = new Map(form.data_schema?.map((field) => [field.name, field.default]));
  assert.equal(preset.get('protocol'), '5', 'what Home Assistant presets');
  const settings = {
    ...{ broker: '127.0.0.1', port, protocol: preset.get('protocol') },
    other_settings: { set_client_cert: false, set_ca_cert: 'off', transport: 'tcp' },
  };
  const made = await api<Step>(`config/config_entries/flow/${form.flow_id}`, settings);
  assert.equal(made.type, 'create_entry', JSON.stringify(made));
}

async function startOn(
  t: TestContext,
  port: number,
  dataDir: string,
  change: (config: ExampleConfig) => void = () => undefined,
): Promise<GatewayProcess> {
  return startGateway(t, {
    dataDir,
    change: (config) => {
      config.mqtt = { port };
      forHomeAssistant(config);
      change(config);
    },
  });
}

/** Of every broker that speaks 3.1.1 alone. */
const OF_311 = 'protocol_5_migration';

/** Commands that say nothing before the first of their kind, by their platform or as what they show. */
const SILENT_AT_FIRST = /^(button|event)\.|_reply$/;

/** Every entity is there, and has what the gateway says on its topic. */
async function hasAll(home: HomeAssistant, url: string): Promise<readonly Entity[]> {
  const all = await entities(url);
  for (const { entity } of all)
    await becomes(home, entity, SILENT_AT_FIRST.test(entity) ? /./ : /^(?!unavailable|unknown|\(none\))/);
  const differing = async (): Promise<string[]> => {
    const states = await home.states();
    return (await entities(url)).flatMap(({ entity, value }) => {
      const { state = '(none)' } = states.get(entity) ?? {};
      const isSame = value === undefined || state === value || Number(state) === Number(value);
      return isSame ? [] : [`${entity}: ${state}, ${value}`];
    });
  };
  // They go on while they are compared.
  await untilAsync('the same values', async () => (await differing()).length === 0).catch(async () => {
    assert.deepEqual(await differing(), []);
  });
  return all;
}

/** A command of each kind, until the device has done it and its own state says so. */
async function commands(home: HomeAssistant, speed: number, hasButton: boolean): Promise<void> {
  const call = async (service: string, entity_id: string, more: object = {}): Promise<void> => {
    await home.api(`services/${service}`, { entity_id, ...more });
  };
  await call('number/set_value', PUMP, { value: speed });
  await call('light/turn_on', LAMP, { brightness: 100 + speed });
  await call('switch/turn_on', FAN);
  await call('select/select_option', SIGNAL, { option: HALF });
  const line = `it's "${String(speed)}" {{ 1 }}`;
  await call('text/set_value', LINE, { value: line });
  await becomes(home, PUMP, new RegExp(`^${String(speed)}(\\.0)?$`));
  await becomes(home, FAN, /^on$/);
  await becomes(home, 'binary_sensor.greenhouse_climate_1_fan', /^on$/);
  await becomes(home, LAMP, /^on$/);
  const brightness = async (): Promise<boolean> =>
    (await home.state(LAMP))?.attributes['brightness'] === 100 + speed;
  await untilAsync('its brightness', brightness, BACK_LIMIT_MS);
  await becomes(home, SIGNAL, /half/);
  await becomes(home, LINE, exactly(line));
  await becomes(home, 'sensor.greenhouse_panel_1_line', exactly(line));
  for (const reply of ['tank_1_pump', 'lamp_1_dim', 'climate_1_fan', 'signal_1_level', 'panel_1_line'])
    await becomes(home, `sensor.greenhouse_${reply}_reply`, /^done$/);
  if (hasButton) {
    await call('button/press', DARK);
    await becomes(home, SIGNAL, /^off$/);
  }
  await call('switch/turn_off', FAN);
  await becomes(home, FAN, /^off$/);
  await call('light/turn_off', LAMP);
  await becomes(home, LAMP, /^off$/);
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}

/** Devices of other gateways, with all that can be described: each entity is there, with what was said of it. */
async function judgesMore(t: TestContext, home: HomeAssistant, gateway: GatewayProcess): Promise<void> {
  const client = await connectClient(t, gateway.mqttUrl);
  const entities = await tellOfMore(client);
  assert.ok(entities.length > 80, String(entities.length));
  for (const [entity, state] of Object.entries(AS_SHOWN)) await becomes(home, entity, exactly(state));
  const states = await home.states();
  assert.deepEqual(
    entities.filter((entity) => !states.has(entity)),
    [],
  );
  const option = AS_SHOWN['select.bench_all_1_mode'];
  await client.subscribe('iot/bench/device/all-1/command/+');
  await home.api('services/select/select_option', { entity_id: 'select.bench_all_1_mode', option });
  await home.api('services/number/set_value', { entity_id: 'number.bench_all_1_target', value: 12.5 });
  await home.api('services/select/select_option', { entity_id: 'select.bench_all_1_preset', option });
  await home.api('services/text/set_value', { entity_id: 'text.bench_all_1_banner', value: LONG });
  await home.api('services/light/turn_on', { entity_id: 'light.bench_all_1_glow', brightness: 1 });
  await home.api('services/light/turn_on', { entity_id: 'light.bench_all_1_blind' });
  await home.api('services/light/turn_off', { entity_id: 'light.bench_all_1_lantern' });
  for (const [command, args] of [
    ['mode', { to: 1 }],
    ['target', { celsius: 12.5 }],
    ['preset', { to: option }],
    ['banner', { line: LONG }],
    ['glow', { level: 1 }],
    ['blind', { far: 255 }],
    ['lantern', { on: false }],
  ] as const) {
    const { text } = await client.message(`iot/bench/device/all-1/command/${command}`);
    assert.deepEqual((JSON.parse(text) as { args: unknown }).args, args);
  }
  await client.mqtt.endAsync();
}

async function plug(gateway: GatewayProcess, device: string, plugged: boolean): Promise<void> {
  const answer = await fetch(`${gateway.pageUrl}api/request/simulate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ device, plugged }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

test(
  'Home Assistant has every device of the gateway as its own, commands it, and sees what goes, comes and stays away',
  { skip: withoutHomeAssistant },
  async (t) => {
    const [port, dataDir] = [await freePort(), await temporaryFolder(t)];
    const [home, first] = await Promise.all([startHomeAssistant(t), startOn(t, port, dataDir)]);
    await addBroker(home, port);
    const all = await hasAll(home, first.mqttUrl);
    assert.ok(all.length > 40, String(all.length));
    await commands(home, 30, true);
    await judgesMore(t, home, first);

    await plug(first, 'tank-1', false);
    await becomes(home, TEMPERATURE, /^unavailable$/);
    await becomes(home, PUMP, /^unavailable$/);
    await becomes(home, 'sensor.greenhouse_tank_1_availability', /^offline$/);
    await becomes(home, 'binary_sensor.greenhouse_devices_offline', /^on$/);
    assert.equal((await home.state(EVENT))?.attributes['event_type'], 'device.offline');
    await becomes(home, 'sensor.greenhouse_climate_1_temperature', /^-?\d+\.\d+$/);
    await plug(first, 'tank-1', true);
    await becomes(home, TEMPERATURE, /^\d+\.\d+$/);

    await first.end('SIGKILL');
    await becomes(home, TEMPERATURE, /^unavailable$/);
    await becomes(home, 'sensor.greenhouse_tank_1_availability', /^unavailable$/);
    const second = await startOn(t, port, dataDir, (config) => {
      delete config.devices['tank-2'];
      const { signal } = config.types as Record<string, { commands?: Record<string, object> }>;
      delete signal?.commands?.['dark'];
    });
    await hasAll(home, second.mqttUrl);
    await commands(home, 60, false);
    const gone = async (): Promise<boolean> =>
      (await home.state(DARK)) === undefined &&
      (await home.state('sensor.greenhouse_tank_2_temperature')) === undefined;
    await untilAsync('what is gone is gone there too', gone);
    await second.end('SIGTERM');
    await becomes(home, TEMPERATURE, /^unavailable$/);
    await renamesOutside(t, home, dataDir);

    const { issues } = await home.ask<{ issues: { domain: string; issue_id: string }[] }>({
      type: 'repairs/list_issues',
    });
    assert.deepEqual(
      issues.filter(({ domain, issue_id: id }) => domain === 'mqtt' && id !== OF_311),
      [],
    );
    const lines = (await home.log()).split('\n').filter((line) => /WARNING|ERROR/.test(line));
    assert.deepEqual(
      lines.filter((line) => /mqtt|greenhouse|value_json|template/i.test(line) && !OF_THE_END.test(line)),
      [],
    );
  },
);
