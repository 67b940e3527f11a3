// A command that was acknowledged is answered, whatever ends the process: each once, and each with its line in the logbook.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { LogbookAnswer } from '../../../bridge/logbook/request.js';
import type { ReplyMessage } from '../../../shared/messages.js';
import { onBothBrokers } from '../../support/mqtt/both-brokers.js';
import { startGateway, type ExampleConfig, type GatewayProcess } from '../../support/gateway-process.js';
import { freePort, startMosquitto, withoutMosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient } from '../../support/mqtt/client.js';
import { ReplyObserver } from '../../support/mqtt/reply-observer.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const ROOT = 'iot/greenhouse';
const DIM = `${ROOT}/device/lamp-1/command/dim`;
const COMMANDS = 60;

/** A target made from its description: what is put to the test is no firmware. */
function lampAlone(config: ExampleConfig): void {
  const { lamp } = config.types;
  const device = config.devices['lamp-1'];
  if (lamp === undefined || device === undefined) throw new Error('the example has no lamp');
  delete lamp.simulate;
  config.types = { lamp };
  config.devices = { 'lamp-1': device };
}

/** Without the lines of what the broker sent once more, unacknowledged when the gateway was killed. */
async function logged(gateway: GatewayProcess, ids: readonly string[]): Promise<string[]> {
  const url = new URL('api/logbook?kind=command&device=lamp-1&last=1h&limit=10000', gateway.pageUrl);
  const { entries } = (await (await fetch(url)).json()) as LogbookAnswer;
  return entries.flatMap((entry) =>
    entry.kind === 'command' && entry.repeats === undefined && ids.includes(entry.id) ? [entry.id] : [],
  );
}

/** So many commands at once; resolves with those that are acknowledged as soon as it is all of them. */
async function acknowledged(t: TestContext, gateway: GatewayProcess, name: string): Promise<string[]> {
  const sender = await connectClient(t, gateway.mqttUrl);
  const ids = Array.from({ length: COMMANDS }, (_, n) => `${name}-${String(n)}`);
  const sent = ids.map((id, n) =>
    sender.publish(DIM, JSON.stringify({ id, args: { level: n } }), { qos: 1 }),
  );
  await Promise.all(sent);
  return ids;
}

onBothBrokers(
  'sixty acknowledged commands, and the gateway is killed: each is answered once',
  async (t, start) => {
    const [dataDir, port] = [await temporaryFolder(t), await freePort()];
    const change = (config: ExampleConfig): void => {
      config.mqtt = { port };
    };
    let gateway = await start({ dataDir, change });
    const observer = new ReplyObserver(t, gateway.mqttUrl, ROOT);
    await observer.ready;
    const ids = await acknowledged(t, gateway, 'first');
    await gateway.end('SIGKILL');
    const before = ids.filter((id) => observer.of(id).length > 0).length;
    // Killed again in the middle of answering, and then left alone.
    gateway = await start({ dataDir, change });
    await gateway.end('SIGKILL');
    gateway = await start({ dataDir, change });
    await until('an answer to each', () => ids.every((id) => observer.of(id).length > 0), 30_000);
    const codes = ids.flatMap((id) => observer.of(id)).map(({ status, error }) => error?.code ?? status);
    assert.equal(codes.length, COMMANDS, 'one answer each');
    assert.deepEqual(
      codes.filter((code) => !['done', 'interrupted', 'restarted'].includes(code)),
      [],
    );
    assert.deepEqual((await logged(gateway, ids)).toSorted(), ids.toSorted());
    t.diagnostic(`${String(before)} were answered before the kill; ${String(observer.copies)} copies`);
  },
);

onBothBrokers('with commands.after_restart: run what had not begun runs after the kill', async (t, start) => {
  const [dataDir, port] = [await temporaryFolder(t), await freePort()];
  const change = (config: ExampleConfig): void => {
    lampAlone(config);
    config.mqtt = { port };
    config['commands'] = { after_restart: 'run' };
  };
  const gateway = await start({ dataDir, change });
  const observer = new ReplyObserver(t, gateway.mqttUrl, ROOT);
  await observer.ready;
  const ids = await acknowledged(t, gateway, 'first');
  await gateway.end('SIGKILL');
  await start({ dataDir, change });
  await until('an answer to each', () => ids.every((id) => observer.of(id).length > 0), 30_000);
  const codes = ids.flatMap((id) => observer.of(id)).map(({ status, error }) => error?.code ?? status);
  assert.equal(codes.length, COMMANDS);
  assert.deepEqual(
    codes.filter((code) => !['done', 'interrupted'].includes(code)),
    [],
  );
});

test(
  'what is sent while the gateway is killed and away waits in its session at Mosquitto, and runs once it is back',
  { skip: withoutMosquitto },
  async (t) => {
    const { url } = await startMosquitto(t);
    const settings = {
      dataDir: await temporaryFolder(t),
      change: lampAlone,
      args: ['--no-broker', '--mqtt', url],
    };
    const gateway = await startGateway(t, settings);
    const observer = new ReplyObserver(t, url, ROOT);
    await observer.ready;
    await gateway.end('SIGKILL');
    const ids = await acknowledged(t, gateway, 'away');
    await startGateway(t, settings);
    await until('an answer to each', () => ids.every((id) => observer.of(id).length > 0), 30_000);
    const statuses = ids.flatMap((id) => observer.of(id)).map(({ status }) => status);
    assert.deepEqual(
      statuses,
      ids.map(() => 'done'),
    );
  },
);

test(
  'while Mosquitto is away a command by HTTP has its answer, and the reply topic has it later, over a kill too',
  { skip: withoutMosquitto },
  async (t) => {
    const broker = await startMosquitto(t);
    const settings = {
      dataDir: await temporaryFolder(t),
      change: lampAlone,
      args: ['--no-broker', '--mqtt', broker.url],
    };
    const gateway = await startGateway(t, settings);
    const observer = new ReplyObserver(t, broker.url, ROOT);
    await observer.ready;
    await broker.stop();
    const replies: ReplyMessage[] = [];
    for (let level = 1; level <= 3; level += 1) {
      const body = JSON.stringify({ args: { level } });
      const response = await fetch(`${gateway.pageUrl}api/device/lamp-1/command/dim`, {
        method: 'POST',
        body,
      });
      assert.equal(response.status, 200);
      replies.push((await response.json()) as ReplyMessage);
    }
    await gateway.end('SIGKILL');
    await broker.start();
    await startGateway(t, settings);
    await until('the answers', () => replies.every(({ id }) => observer.of(id).length > 0), 30_000);
    assert.deepEqual(
      replies.flatMap(({ id }) => observer.of(id)),
      replies,
    );
  },
);
