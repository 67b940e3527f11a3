// Home Assistant at an outside broker with users: the lines of the roles are enough, and where the gateway may not tell it, the
// log says so, also with MQTT 3.1.1, by which a broker refuses without a word.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { linesOf } from '../../gateway/broker/rights/roles.js';
import { Topics } from '../../shared/topics.js';
import { filesForHome } from '../home-assistant/outside-users.js';
import { startGateway, type GatewayProcess } from '../support/gateway-process.js';
import { connectClient, type TestClient } from '../support/mqtt/client.js';
import { withoutMosquitto } from '../support/mqtt/mosquitto.js';
import { startByConf } from '../support/mqtt/mosquitto-conf.js';
import { refusingFive } from '../support/mqtt/old-broker.js';
import { read } from '../support/repository.js';
import { until } from '../support/waiting.js';

const DISCOVERY = { gateway: 'greenhouse', prefix: 'homeassistant' };
const NOT_TOLD = 'Home Assistant is not told';

test('the lines of the page are those of the roles', () => {
  const [topics, page] = [new Topics('iot', 'greenhouse'), read('docs/home-assistant.md')];
  for (const lines of [
    linesOf('home-assistant', 'ha', topics, DISCOVERY),
    linesOf('gateway', 'greenhouse', topics, DISCOVERY),
  ])
    assert.ok(page.includes(`\n${lines.join('\n')}\n`), lines.join('\n'));
});

async function startAt(t: TestContext, port: number): Promise<GatewayProcess> {
  return startGateway(t, {
    change: (config) => {
      config['home_assistant'] = true;
    },
    args: ['--no-broker'],
    env: { MQTT_URL: `mqtt://gateway:secret@127.0.0.1:${String(port)}` },
  });
}

/** Home Assistant's user, as it comes: what is retained for it, and what comes. */
async function home(t: TestContext, url: string): Promise<TestClient> {
  const client = await connectClient(t, url, { username: 'ha', password: 'secret' });
  await client.subscribe('homeassistant/#', 1);
  await client.subscribe('iot/greenhouse/#', 1);
  return client;
}

test(
  'the lines of both roles are enough: it is told, the gateway hears its birth, and it commands',
  { skip: withoutMosquitto },
  async (t) => {
    const files = await filesForHome(t, DISCOVERY);
    const broker = await startByConf(t, files);
    for (const port of [broker.port, await refusingFive(t, broker.port)]) {
      const gateway = await startAt(t, port);
      const client = await home(t, broker.url);
      const lamp = 'homeassistant/device/greenhouse/lamp-1/config';
      await client.message(lamp);
      const asGateway = await connectClient(t, broker.url, { username: 'gateway', password: 'secret' });
      await asGateway.subscribe('homeassistant/status', 1);
      await client.publish('homeassistant/status', 'online', { qos: 1 });
      assert.equal((await asGateway.message('homeassistant/status')).text, 'online');
      await client.publish('iot/greenhouse/device/lamp-1/command/dim', '{"id":"a","args":{"level":7}}', {
        qos: 1,
      });
      const { text } = await client.message('iot/greenhouse/device/lamp-1/reply/dim');
      assert.match(text, /"done"/);
      await gateway.end('SIGTERM');
      assert.ok(!gateway.output().includes(NOT_TOLD));
    }
  },
);

test(
  'a gateway that may not tell it says so in its log, by MQTT 5 and by 3.1.1, and goes on',
  { skip: withoutMosquitto },
  async (t) => {
    const broker = await startByConf(t, await filesForHome(t));
    const ports = [broker.port, await refusingFive(t, broker.port)];
    for (const port of ports) {
      const gateway = await startAt(t, port);
      await until('it says so', () => gateway.output().includes(NOT_TOLD), 15_000);
      const client = await home(t, broker.url);
      await client.message('iot/greenhouse/device/lamp-1/telemetry');
      assert.ok(!client.received.some(({ topic }) => topic.startsWith('homeassistant/device/')));
      await gateway.end('SIGTERM');
    }
  },
);
