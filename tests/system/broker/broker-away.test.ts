// Nobody's broker is there: what is read is recorded all the same, and who asks by HTTP is answered.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ReplyMessage } from '../../../shared/messages.js';
import { identityOf, type RecordedSample } from '../../../shared/sample.js';
import { runToEnd, startGateway, type GatewayProcess } from '../../support/gateway-process.js';
import { startMosquitto, withoutMosquitto, type Mosquitto } from '../../support/mqtt/mosquitto.js';
import { connectClient } from '../../support/mqtt/client.js';
import { until, untilAsync } from '../../support/waiting.js';

const TELEMETRY = 'iot/greenhouse/device/lamp-1/telemetry';

interface World {
  readonly mosquitto: Mosquitto;
  readonly gateway: GatewayProcess;
  /** What the running gateway has recorded of the lamp, oldest first. */
  readonly history: () => Promise<readonly RecordedSample[]>;
  readonly health: () => Promise<{ readonly status: number; readonly reasons: readonly string[] }>;
}

/** `startsAway`: Mosquitto is stopped before the gateway starts. */
async function world(t: TestContext, startsAway: boolean): Promise<World> {
  const mosquitto = await startMosquitto(t);
  if (startsAway) await mosquitto.stop();
  const gateway = await startGateway(t, { args: ['--no-broker', '--mqtt', mosquitto.url] });
  const get = async (path: string): Promise<Response> => fetch(new URL(path, gateway.pageUrl));
  return {
    mosquitto,
    gateway,
    history: async () => {
      const answer = await get('api/history?device=lamp-1&last=1h&limit=10000');
      return ((await answer.json()) as { samples: RecordedSample[] }).samples;
    },
    health: async () => {
      const answer = await get('healthz');
      const { reasons } = (await answer.json()) as { reasons: string[] };
      return { status: answer.status, reasons };
    },
  };
}

/** All that was recorded, after its end. */
async function recorded(t: TestContext, gateway: GatewayProcess): Promise<string[]> {
  const { dataDir } = gateway;
  const { output } = await runToEnd(t, ['export', 'lamp-1', '--data', dataDir]);
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => identityOf({ ...(JSON.parse(line) as RecordedSample), device: 'lamp-1' }));
}

function withoutGap(identities: readonly string[]): void {
  const boots = new Set(identities.map((identity) => identity.split('/')[0]));
  assert.equal(boots.size, 1);
  const seqs = identities.map((identity) => Number(identity.split('/')[2]));
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index),
  );
}

async function dim(gateway: GatewayProcess, level: number): Promise<ReplyMessage> {
  const answer = await fetch(new URL('api/device/lamp-1/command/dim', gateway.pageUrl), {
    method: 'POST',
    body: JSON.stringify({ args: { level } }),
    signal: AbortSignal.timeout(20_000),
  });
  return (await answer.json()) as ReplyMessage;
}

void test(
  'samples of the time without a broker are recorded once each, and those before and after it',
  { skip: withoutMosquitto },
  async (t) => {
    const { mosquitto, gateway, history } = await world(t, false);
    const have = (count: number) => async (): Promise<boolean> => (await history()).length >= count;
    await untilAsync('three samples', have(3));
    await mosquitto.stop();
    const before = (await history()).length;
    await untilAsync('three more without a broker', have(before + 3));
    await mosquitto.start();
    const client = await connectClient(t, mosquitto.url);
    await client.subscribe(TELEMETRY, 1);
    await client.message(TELEMETRY);
    const counted = client.received.length;
    await until('some more', () => client.received.length >= counted + 2);
    assert.equal(await gateway.end('SIGTERM'), 0);
    const identities = await recorded(t, gateway);
    withoutGap(identities);
    assert.ok(identities.length >= before + 3);
  },
);

void test(
  'started without a broker it records, answers by HTTP and stops in order; it connects when there is one',
  { skip: withoutMosquitto },
  async (t) => {
    const { mosquitto, gateway, history, health } = await world(t, true);
    const reply = await dim(gateway, 200);
    assert.equal(reply.status, 'done');
    const { status, reasons } = await health();
    assert.equal(status, 503);
    assert.match(reasons.join(), /is away since .* 1 replies/);
    const metrics = await (await fetch(new URL('metrics', gateway.pageUrl))).text();
    assert.match(metrics, /^i2c_mqtt_gateway_outside_broker_queued_messages\{kind="replies"\} \d/m);
    await untilAsync('a sample that shows it', async () =>
      (await history()).some(({ values }) => values['level'] === 200),
    );
    const events = await fetch(new URL('api/logbook?kind=event&device=lamp-1', gateway.pageUrl));
    const { entries } = (await events.json()) as { entries: { name: string }[] };
    assert.deepEqual(
      entries.map(({ name }) => name),
      ['device.online'],
    );
    await mosquitto.start();
    const client = await connectClient(t, mosquitto.url);
    await client.subscribe('iot/greenhouse/#', 1);
    const isTold = (): boolean => client.received.some(({ topic }) => topic.endsWith('/reply/dim'));
    // By the next try, and the pauses between tries have grown.
    await until('the answer by MQTT too', isTold, 60_000);
    const told = client.received.find(({ topic }) => topic.endsWith('/reply/dim'));
    assert.equal((JSON.parse(told?.text ?? '{}') as ReplyMessage).id, reply.id);
    assert.equal((await health()).status, 200);
    await mosquitto.stop();
    const before = (await history()).length;
    await untilAsync('more samples', async () => (await history()).length >= before + 2);
    assert.equal((await dim(gateway, 10)).status, 'done');
    assert.equal(await gateway.end('SIGTERM'), 0);
    const identities = await recorded(t, gateway);
    withoutGap(identities);
    assert.ok(identities.length >= before + 2);
  },
);

void test(
  'a broker that answers no more holds up no stop, and costs no sample',
  { skip: withoutMosquitto },
  async (t) => {
    const { mosquitto, gateway, history } = await world(t, false);
    await untilAsync('a sample', async () => (await history()).length > 0);
    mosquitto.freeze();
    const before = (await history()).length;
    await untilAsync('more samples', async () => (await history()).length >= before + 2);
    assert.equal((await dim(gateway, 10)).status, 'done');
    assert.equal(await gateway.end('SIGTERM'), 0);
    const identities = await recorded(t, gateway);
    withoutGap(identities);
    assert.ok(identities.length >= before + 2);
  },
);
