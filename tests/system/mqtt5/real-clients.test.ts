// Clients that people have, at the real gateway, with 3.1.1 and with 5: what is retained comes, readings come, a command is
// done and answered; with 5 the answer is where its sender wants it as well.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { join } from 'node:path';
import { packageRoot } from '../../../gateway/process/paths.js';
import {
  PYTHON,
  runClient,
  startClient,
  withoutMosquittoClients,
  withoutPythonClients,
  type ClientProgram,
  type Heard,
} from '../../clients/programs.js';
import { startGateway, type GatewayProcess } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { until } from '../../support/waiting.js';

const LAMP = 'iot/greenhouse/device/lamp-1';
const [STATE, TELEMETRY, COMMAND, REPLY] = [
  `${LAMP}/state`,
  `${LAMP}/telemetry`,
  `${LAMP}/command/dim`,
  `${LAMP}/reply/dim`,
] as const;
const ANSWER = 'me/answers';
const TOPICS = [STATE, TELEMETRY, REPLY, ANSWER];
type Version = '3.1.1' | '5';
const VERSIONS: readonly Version[] = ['3.1.1', '5'];

function command(id: string): string {
  return JSON.stringify({ id, args: { level: 128 } });
}

async function hasState(client: ClientProgram): Promise<void> {
  const isHere = (): boolean => client.heard.some((one) => one.topic === STATE && one.isRetained);
  await until('the retained state', isHere).catch((cause: unknown) => {
    throw new Error(client.output(), { cause });
  });
}

async function hasAll(version: Version, id: string, client: ClientProgram): Promise<void> {
  const answered = (topic: string): boolean =>
    client.heard.some((one) => one.topic === topic && isDone(one.payload, id));
  const isLive = ({ topic, isRetained }: Heard): boolean => topic === TELEMETRY && !isRetained;
  const isAll = (): boolean =>
    client.heard.some(isLive) && answered(REPLY) && (version === '3.1.1' || answered(ANSWER));
  await until(`all of ${id}`, isAll).catch((cause: unknown) => {
    throw new Error(`${JSON.stringify(client.heard)} ${client.output()}`, { cause });
  });
  assert.equal(answered(ANSWER), version === '5');
}

function isDone(payload: string, id: string): boolean {
  const reply = JSON.parse(payload) as { readonly id: string; readonly status: string };
  return reply.id === id && reply.status === 'done';
}

async function mosquitto(t: TestContext, gateway: GatewayProcess, version: Version): Promise<void> {
  const at = ['-h', '127.0.0.1', '-p', new URL(gateway.mqttUrl).port, '-V', version === '5' ? '5' : '311'];
  const topics = TOPICS.flatMap((topic) => ['-t', topic]);
  const listener = startClient(t, 'mosquitto_sub', [...at, '-q', '1', '-F', '%j', ...topics]);
  await hasState(listener);
  const answer = version === '5' ? ['-D', 'publish', 'response-topic', ANSWER] : [];
  const id = `pub ${version}`;
  await runClient('mosquitto_pub', [...at, '-q', '1', '-t', COMMAND, '-m', command(id), ...answer]);
  await hasAll(version, id, listener);
  // With 3.1.1 it can only listen on the topic that the gateway answers on anyhow.
  const place = version === '5' ? 'me/rr' : REPLY;
  const words = ['-t', COMMAND, '-e', place, '-m', command(`rr ${version}`), '-W', '20'];
  assert.ok(isDone(await runClient('mosquitto_rr', [...at, ...words]), `rr ${version}`));
}

async function mqttJs(t: TestContext, url: string, version: Version): Promise<void> {
  const client = await connectClient(t, url, { protocolVersion: version === '5' ? 5 : 4 });
  const said = {
    get heard(): Heard[] {
      return client.received.map(({ topic, text, retain }) => ({ topic, payload: text, isRetained: retain }));
    },
    output: () => '',
  };
  await client.mqtt.subscribeAsync(TOPICS, { qos: 1 });
  await hasState(said);
  const properties = { responseTopic: ANSWER, correlationData: Buffer.from('js') };
  const id = `js ${version} ${url}`;
  await client.mqtt.publishAsync(COMMAND, command(id), {
    qos: 1,
    ...(version === '5' ? { properties } : {}),
  });
  await hasAll(version, id, said);
}

async function python(t: TestContext, library: string, url: string, version: Version): Promise<void> {
  const { port, protocol } = new URL(url);
  const program = join(packageRoot, 'tests', 'clients', `${library}_client.py`);
  const transport = protocol === 'ws:' ? 'websockets' : 'tcp';
  const id = `${library} ${version} ${transport}`;
  const words = [transport, version, TOPICS.join(','), COMMAND, command(id), ANSWER];
  const client = startClient(t, PYTHON, [program, '127.0.0.1', port, ...words]);
  await hasState(client);
  await hasAll(version, id, client);
}

void test('clients that people have, each with 3.1.1 and with 5', async (t) => {
  const gateway = await startGateway(t);
  await until('the lamp', () =>
    gateway.output().includes('"device":"lamp-1","from":"unknown","to":"online"'),
  );
  for (const version of VERSIONS) {
    const shell = `mosquitto_sub, mosquitto_pub and mosquitto_rr with ${version}`;
    await t.test(shell, { skip: withoutMosquittoClients }, async (t) => mosquitto(t, gateway, version));
    for (const url of [gateway.mqttUrl, gateway.webSocketUrl]) {
      const how = `with ${version} over ${new URL(url).protocol === 'ws:' ? 'WebSocket' : 'TCP'}`;
      await t.test(`MQTT.js ${how}`, async (t) => mqttJs(t, url, version));
      for (const library of ['paho', 'aiomqtt'])
        await t.test(`${library} ${how}`, { skip: withoutPythonClients }, async (t) =>
          python(t, library, url, version),
        );
    }
  }
});
