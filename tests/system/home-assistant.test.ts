// Home Assistant is told of the devices when it is wanted, again when it says that it has started, and of what is gone.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { startGateway, type ExampleConfig, type GatewayProcess } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { startMosquitto, withoutMosquitto } from '../support/mqtt/mosquitto.js';
import { retainedBelow } from '../support/mqtt/retained-topics.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until, untilAsync } from '../support/waiting.js';

const OWN = 'homeassistant/device/greenhouse/config';
const of = (device: string): string => `homeassistant/device/greenhouse/${device}/config`;
const ALL = [OWN, ...['climate-1', 'lamp-1', 'tank-1', 'tank-2'].map(of)];

async function start(
  t: TestContext,
  dataDir: string,
  change: (config: ExampleConfig) => void,
  args: readonly string[] = [],
): Promise<GatewayProcess> {
  return startGateway(t, { dataDir, change, args });
}

function wanted(config: ExampleConfig): void {
  config['home_assistant'] = true;
}

function without(...gone: ('tank-2' | 'level' | 'dim')[]): (config: ExampleConfig) => void {
  return (config) => {
    wanted(config);
    const types = config.types as Record<
      string,
      { samples: { fields: Record<string, object> }[]; commands: Record<string, object> }
    >;
    if (gone.includes('tank-2')) delete config.devices['tank-2'];
    if (gone.includes('dim')) delete types['lamp']?.commands['dim'];
    // Its bytes stay where they are.
    if (gone.includes('level'))
      Object.assign(types['lamp']?.samples[0] ?? {}, { fields: { light: { type: 'uint16le', at: 1 } } });
  };
}

function renamed(config: ExampleConfig): void {
  wanted(config);
  config.devices['rain-1'] = { ...config.devices['tank-2'], was: 'tank-2' };
  delete config.devices['tank-2'];
}

interface Sample {
  readonly ts: number;
  readonly device: string;
}

type Components = Readonly<Record<string, object>>;

function componentsIn(text: string | undefined): Components {
  return (JSON.parse(text ?? '{"components":{}}') as { components: Components }).components;
}

test('it is told of every device at the start, and of none where nobody wants that', async (t) => {
  const dataDir = await temporaryFolder(t);
  const first = await start(t, dataDir, () => undefined);
  assert.deepEqual([...(await retainedBelow(first.mqttUrl, 'homeassistant')).keys()], []);
  await first.end('SIGTERM');
  const second = await start(t, dataDir, wanted);
  const told = await retainedBelow(second.mqttUrl, 'homeassistant');
  assert.deepEqual([...told.keys()].sort(), ALL.toSorted());
  assert.ok('number_command_pump' in componentsIn(told.get(of('tank-1'))));
  await second.end('SIGTERM');
  const third = await start(t, dataDir, () => undefined);
  assert.deepEqual([...(await retainedBelow(third.mqttUrl, 'homeassistant')).keys()], []);
  // Whoever was away when they were cleared.
  const client = await connectClient(t, third.mqttUrl);
  await client.subscribe('homeassistant/#', 1);
  await client.publish('homeassistant/status', 'online', { qos: 1 });
  for (const topic of ALL) {
    const { retain, text } = await client.message(topic);
    assert.ok(!retain && Object.values(componentsIn(text)).every((one) => Object.keys(one).length === 1));
  }
});

test('below another prefix, and past the limit for what clients retain, a kill and a restart included', async (t) => {
  const dataDir = await temporaryFolder(t);
  const change = (config: ExampleConfig): void => {
    config['home_assistant'] = { discovery_prefix: 'my/home' };
    config['limits'] = { retained_messages: 1 };
  };
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const gateway = await start(t, dataDir, change);
    const client = await connectClient(t, gateway.mqttUrl);
    await client.publish('clients/own', 'kept', { qos: 1, retain: true });
    await client.publish('clients/second', 'too much', { qos: 1, retain: true });
    const told = await retainedBelow(gateway.mqttUrl, 'my/home');
    assert.equal(told.size, ALL.length);
    assert.ok(told.has('my/home/device/greenhouse/tank-1/config'));
    assert.deepEqual([...(await retainedBelow(gateway.mqttUrl, 'clients'))], [['clients/own', 'kept']]);
    await gateway.end(signal);
  }
});

test('a device that is renamed stays the same one for Home Assistant, and has its history', async (t) => {
  const dataDir = await temporaryFolder(t);
  const first = await start(t, dataDir, wanted);
  const reader = await connectClient(t, first.mqttUrl);
  await reader.subscribe('iot/greenhouse/device/tank-2/telemetry');
  const { ts } = JSON.parse((await reader.message('iot/greenhouse/device/tank-2/telemetry')).text) as Sample;
  await first.end('SIGKILL');
  const second = await start(t, dataDir, renamed);
  const told = await retainedBelow(second.mqttUrl, 'homeassistant');
  assert.deepEqual([...told.keys()].sort(), ALL.toSorted());
  const components = componentsIn(told.get(of('tank-2')));
  assert.ok(
    Object.values(components).every((one) => 'unique_id' in one),
    'nothing is gone',
  );
  assert.match(JSON.stringify(components['sensor_field_level']), /device\/rain-1\/state/);
  const asked = `${second.pageUrl}api/history?device=rain-1&last=10m`;
  const { samples } = (await (await fetch(asked)).json()) as { samples: readonly Sample[] };
  assert.ok(samples.some((sample) => sample.ts === ts && sample.device === 'tank-2'));
});

test('it is told again when it says that it has started, once for several such words, and not before', async (t) => {
  const { mqttUrl } = await start(t, await temporaryFolder(t), wanted);
  const client = await connectClient(t, mqttUrl);
  await client.subscribe('homeassistant/#', 1);
  const live = (): string[] =>
    client.received
      .filter(({ topic, retain }) => !retain && topic.endsWith('/config'))
      .map(({ topic }) => topic);
  await client.publish('homeassistant/status', 'offline', { qos: 1 });
  await client.publish('homeassistant/end', '1', { qos: 1 });
  await client.message('homeassistant/end');
  assert.deepEqual(live(), []);
  for (let times = 0; times < 3; times += 1)
    await client.publish('homeassistant/status', 'online', { qos: 1 });
  await until('it is told again', () => live().length >= ALL.length);
  // A sample that is read later: nothing came twice until then.
  await client.subscribe('iot/greenhouse/device/lamp-1/telemetry');
  await client.message('iot/greenhouse/device/lamp-1/telemetry');
  assert.deepEqual(live().toSorted(), ALL.toSorted());
  assert.equal(live()[0], OWN, 'the others name it');
});

test('a device that goes takes its message along, over a restart, and whoever was away is told when it comes', async (t) => {
  const dataDir = await temporaryFolder(t);
  const first = await start(t, dataDir, wanted);
  await first.end('SIGKILL');
  const second = await start(t, dataDir, without('tank-2'));
  const told = await retainedBelow(second.mqttUrl, 'homeassistant');
  assert.deepEqual([...told.keys()].sort(), ALL.filter((topic) => topic !== of('tank-2')).sort());
  await second.end('SIGTERM');

  const third = await start(t, dataDir, without('tank-2'));
  const client = await connectClient(t, third.mqttUrl);
  await client.subscribe('homeassistant/#', 1);
  await client.publish('homeassistant/status', 'online', { qos: 1 });
  const removal = await until('its removal', () =>
    client.received.find(({ topic }) => topic === of('tank-2')),
  );
  assert.ok(!removal.retain);
  const components = componentsIn(removal.text);
  assert.deepEqual(components['number_command_pump'], { platform: 'number' });
  assert.deepEqual(components['sensor_field_level'], { platform: 'sensor' });
  await until('it is told of the others', () =>
    client.received.some(({ topic, retain }) => topic === of('tank-1') && !retain),
  );
  assert.ok(!(await retainedBelow(third.mqttUrl, 'homeassistant')).has(of('tank-2')));
  await third.end('SIGTERM');
});

test('a field or a command that goes is named as gone in the message, until it is back', async (t) => {
  const dataDir = await temporaryFolder(t);
  await (await start(t, dataDir, wanted)).end('SIGTERM');
  const lampOf = async (change: (config: ExampleConfig) => void): Promise<Components> => {
    const gateway = await start(t, dataDir, change);
    const lamp = componentsIn((await retainedBelow(gateway.mqttUrl, 'homeassistant')).get(of('lamp-1')));
    await gateway.end('SIGTERM');
    return lamp;
  };
  for (let times = 0; times < 2; times += 1) {
    const less = await lampOf(without('level', 'dim'));
    assert.deepEqual(less['sensor_field_level'], { platform: 'sensor' });
    assert.deepEqual(less['number_command_dim'], { platform: 'number' });
    assert.deepEqual(less['sensor_reply_dim'], { platform: 'sensor' });
    assert.ok('unique_id' in (less['sensor_field_light'] ?? {}));
  }
  const back = await lampOf(wanted);
  assert.ok(
    'unique_id' in (back['sensor_field_level'] ?? {}) && 'unique_id' in (back['number_command_dim'] ?? {}),
  );
});

test(
  'the same at an outside broker, which is cleared while Home Assistant listens',
  { skip: withoutMosquitto },
  async (t) => {
    const [dataDir, broker] = [await temporaryFolder(t), await startMosquitto(t)];
    const args = ['--no-broker', '--mqtt', broker.url];
    const first = await start(t, dataDir, wanted, args);
    const home = await connectClient(t, broker.url);
    await home.subscribe('homeassistant/#', 1);
    await untilAsync(
      'all is told',
      async () => (await retainedBelow(broker.url, 'homeassistant')).size === ALL.length,
    );
    await first.end('SIGTERM');
    await start(t, dataDir, without('tank-2'), args);
    await until('it is cleared', () =>
      home.received.some(({ topic, text }) => topic === of('tank-2') && text === ''),
    );
    assert.equal((await retainedBelow(broker.url, 'homeassistant')).size, ALL.length - 1);
  },
);
