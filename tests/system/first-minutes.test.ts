// What a newcomer does in the first minutes: start it, look, command, ask for history, stop it.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReplyMessage, StateMessage } from '../../shared/messages.js';
import type { Sample } from '../../shared/sample.js';
import { onBothBrokers } from '../support/mqtt/both-brokers.js';
import { runToEnd, startGateway } from '../support/gateway-process.js';
import { connectClient, type TestClient } from '../support/mqtt/client.js';
import { until } from '../support/waiting.js';

const ROOT = 'iot/greenhouse';

/** The payloads received on a topic, newest last. */
function payloads<T>(client: TestClient, topic: string): T[] {
  return client.received
    .filter((message) => message.topic === topic)
    .map(({ text }) => JSON.parse(text) as T);
}

onBothBrokers('everything a front end needs is retained and telemetry comes by itself', async (t, start) => {
  const gateway = await start();
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe('iot/#', 1);
  for (const topic of ['status', 'info', 'health']) await client.message(`${ROOT}/${topic}`);
  for (const device of ['tank-1', 'tank-2', 'climate-1', 'lamp-1']) {
    for (const topic of ['meta', 'availability', 'state', 'telemetry'])
      await client.message(`${ROOT}/device/${device}/${topic}`);
  }
  const bare = await client.message(`${ROOT}/device/tank-1/value/temperature`);
  assert.match(bare.text, /^-?\d+(\.\d+)?$/);
  const samples = await until('three samples', () => {
    const got = payloads<Sample>(client, `${ROOT}/device/tank-1/telemetry`);
    return got.length >= 3 && got;
  });
  const [first] = samples;
  assert.deepEqual(samples.map(({ seq }) => seq - (first?.seq ?? 0)).slice(0, 3), [0, 1, 2]);
  assert.ok(samples.every(({ boot }) => boot === first?.boot));
  assert.equal(
    client.received.some(({ topic, retain }) => topic.endsWith('/telemetry') && retain),
    false,
  );
});

for (const transport of ['TCP', 'WebSocket'] as const) {
  onBothBrokers(
    `a command over ${transport} reaches the firmware, is answered, and the next sample shows it`,
    async (t, start) => {
      const gateway = await start();
      const client = await connectClient(t, transport === 'TCP' ? gateway.mqttUrl : gateway.webSocketUrl);
      const lamp = `${ROOT}/device/lamp-1`;
      await client.subscribe(`${lamp}/#`, 1);
      await client.publish(`${lamp}/command/dim`, '{"id":"a1","args":{"level":128}}', { qos: 1 });
      const reply = JSON.parse((await client.message(`${lamp}/reply/dim`)).text) as ReplyMessage;
      assert.deepEqual([reply.id, reply.status], ['a1', 'done']);
      await until('a sample that shows it', () =>
        payloads<Sample>(client, `${lamp}/telemetry`).some(
          ({ ts, values }) => ts >= reply.ts && values['level'] === 128,
        ),
      );
      await client.publish(`${lamp}/command/dim`, '7', { qos: 1 });
      await until('the bare value', () =>
        payloads<StateMessage>(client, `${lamp}/state`).some(({ values }) => values['level'] === 7),
      );
    },
  );
}

test('the pump fills the tank: the simulated world moves with what is commanded', async (t) => {
  const gateway = await startGateway(t);
  const client = await connectClient(t, gateway.mqttUrl);
  const tank = `${ROOT}/device/tank-1`;
  await client.subscribe(`${tank}/telemetry`, 1);
  const level = async (atLeast: number): Promise<number> =>
    until(`a level of at least ${String(atLeast)}`, () => {
      const value = payloads<Sample>(client, `${tank}/telemetry`).at(-1)?.values['level'];
      return typeof value === 'number' && value >= atLeast && value;
    });
  const before = await level(1);
  await client.publish(`${tank}/command/pump`, '100', { qos: 1 });
  assert.ok((await level(before + 10)) > before);
});

onBothBrokers(
  'history prints what was recorded, beside the running gateway and after it',
  async (t, start) => {
    const gateway = await start();
    const client = await connectClient(t, gateway.mqttUrl);
    await client.subscribe(`${ROOT}/device/lamp-1/telemetry`, 1);
    const samples = await until('two samples', () => {
      const got = payloads<Sample>(client, `${ROOT}/device/lamp-1/telemetry`);
      return got.length >= 2 && got;
    });
    const ask = ['history', 'lamp-1', '--last', '10m', '--format', 'jsonl', '--data', gateway.dataDir];
    const beside = await runToEnd(t, ask);
    for (const { boot, seq } of samples)
      assert.match(
        beside.output,
        new RegExp(`"boot":"${boot}","seq":${String(seq)}[,}]|"seq":${String(seq)}.*"boot":"${boot}"`),
      );
    assert.equal(await gateway.end('SIGINT'), 0);
    const after = await runToEnd(t, ask);
    assert.ok(after.output.split('\n').length >= beside.output.split('\n').length);
    const table = await runToEnd(t, ['history', 'lamp-1', '--data', gateway.dataDir]);
    assert.match(table.output, /^time +level +light\n\d{4}-\d\d-\d\dT/);
  },
);

onBothBrokers('history over MQTT answers with the same samples', async (t, start) => {
  const gateway = await start();
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe(`${ROOT}/response/history`, 1);
  await client.subscribe(`${ROOT}/device/lamp-1/telemetry`, 1);
  await client.message(`${ROOT}/device/lamp-1/telemetry`);
  await client.publish(`${ROOT}/request/history`, '{"id":"h1","device":"lamp-1","last":"1m"}', { qos: 1 });
  const { text } = await client.message(`${ROOT}/response/history`);
  const response = JSON.parse(text) as { id: string; status: string; data: { samples: Sample[] } };
  assert.deepEqual([response.id, response.status], ['h1', 'ok']);
  assert.ok(response.data.samples.length >= 1);
});

onBothBrokers('Ctrl-C says offline to everybody, and ends with exit code 0', async (t, start) => {
  const gateway = await start();
  const clients = [await connectClient(t, gateway.mqttUrl), await connectClient(t, gateway.webSocketUrl)];
  for (const client of clients) {
    await client.subscribe(`${ROOT}/status`, 1);
    await client.message(`${ROOT}/status`);
  }
  assert.equal(await gateway.end('SIGINT'), 0);
  for (const client of clients) assert.match(client.received.at(-1)?.text ?? '', /"state":"offline"/);
});

onBothBrokers(
  'the log tells what happened: one line per command and per change of availability',
  async (t, start) => {
    const gateway = await start();
    const client = await connectClient(t, gateway.mqttUrl);
    await client.subscribe(`${ROOT}/device/tank-2/reply/pump`, 1);
    await client.publish(`${ROOT}/device/tank-2/command/pump`, '{"id":"night","args":{"speed":500}}', {
      qos: 1,
    });
    await client.message(`${ROOT}/device/tank-2/reply/pump`);
    await gateway.end('SIGTERM');
    const folder = join(gateway.dataDir, 'logs');
    const [file] = await readdir(folder);
    const lines = (await readFile(join(folder, file ?? ''), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const ofTank = lines.filter(({ device }) => device === 'tank-2');
    assert.equal(ofTank.filter(({ msg }) => msg === 'device is online').length, 1);
    const commands = ofTank.filter(({ command }) => command === 'pump');
    assert.deepEqual(
      commands.map(({ id, code, status }) => [id, code, status]),
      [['night', 'bad_argument', 'rejected']],
    );
    assert.equal(typeof commands[0]?.['ms'], 'number');
  },
);

test('the log level changes at run time, by a request', async (t) => {
  const gateway = await startGateway(t);
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe(`${ROOT}/response/log_level`, 1);
  assert.doesNotMatch(gateway.output(), /"level":"debug"/);
  await client.publish(`${ROOT}/request/log_level`, '{"id":"l","level":"debug"}', { qos: 1 });
  const { text } = await client.message(`${ROOT}/response/log_level`);
  assert.deepEqual(JSON.parse(text), { id: 'l', status: 'ok', data: { level: 'debug' } });
  // Every simulated interaction with the bus is logged at this level.
  await until('a transaction in the log', () => /"level":"debug".*0x0?8/.test(gateway.output()));
});
