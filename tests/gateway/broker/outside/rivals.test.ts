// Two gateways of one name at one broker, MQTT 5 and 3.1.1: who stays, who stays away, and whose samples are whose.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { KnownBoots } from '../../../../gateway/broker/outside/rivals/known-boots.js';
import { Rivals } from '../../../../gateway/broker/outside/rivals/rivals.js';
import { OutsideBroker } from '../../../../gateway/broker/outside/broker.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { encodeJson } from '../../../../shared/messages.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { startMosquitto, withoutMosquitto, type Mosquitto } from '../../../support/mqtt/mosquitto.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { until } from '../../../support/waiting.js';

const STATUS = 'iot/greenhouse/status';
const TELEMETRY = 'iot/greenhouse/device/d/telemetry';

interface Gateway {
  readonly boot: string;
  readonly broker: OutsideBroker;
  readonly log: RecordingLog;
  readonly recorded: string[];
}

/** Its connection and what it would record. */
async function gateway(
  t: TestContext,
  { url }: Mosquitto,
  boot: string,
  earlier: string[] = [],
): Promise<Gateway> {
  const [clock, log, boots] = [new SystemClock(), new RecordingLog(), new KnownBoots(boot)];
  boots.remember(earlier);
  const status = (state: string) => () => encodeJson({ state, boot, ts: clock.now(), host: `pi-${boot}` });
  const broker = new OutsideBroker({
    ...{ url, log, clock, clientId: 'i2c-mqtt-gateway-iot-greenhouse' },
    status: {
      topic: STATUS,
      online: status('online'),
      offline: status('offline'),
      boots,
      here: () => `pi-${boot}`,
    },
    retry: { firstMs: 1000, mostMs: 1000 },
  });
  const recorded: string[] = [];
  t.after(() => broker.stop());
  await broker.start();
  await broker.recordable.subscribeBeforeAck(TELEMETRY, async ({ payload }) => {
    recorded.push(Buffer.from(payload).toString());
    return Promise.resolve();
  });
  await broker.door.start();
  await until('the connection', () => broker.stats().connected);
  return { boot, broker, log, recorded };
}

const sample = (boot: string): string => JSON.stringify({ boot, seq: 0, values: { x: 1 } });

void describe('two gateways of one name', { skip: withoutMosquitto }, () => {
  void test('the newer one stays connected; the older one says who it was and stays away until it is gone', async (t) => {
    const mosquitto = await startMosquitto(t);
    const older = await gateway(t, mosquitto, 'a');
    const newer = await gateway(t, mosquitto, 'b');
    const says = /boot b on pi-b, has taken the connection .* this one is boot a on pi-a/;
    await until('the older one to know', () => says.test(older.broker.ailment ?? ''), 30_000);
    await until('the newer one', () => newer.broker.stats().connected && !older.broker.stats().connected);
    await newer.broker.stop();
    await until('the older one to come back', () => older.broker.stats().connected, 60_000);
    assert.equal(older.broker.ailment?.includes('has taken') ?? false, false);
  });

  void test('samples of the other one are not recorded, those of clients and of earlier runs are', async (t) => {
    const mosquitto = await startMosquitto(t);
    const { url } = mosquitto;
    const client = await connectClient(t, url);
    const said = encodeJson({ state: 'online', boot: 'other', ts: 1 });
    await client.mqtt.publishAsync(STATUS, Buffer.from(said), { qos: 1, retain: true });
    const own = await gateway(t, mosquitto, 'own', ['before']);
    // Taken behind its subscriptions.
    await own.broker.publish({ topic: 'x', payload: Buffer.from(''), qos: 1, retain: false });
    for (const boot of ['other', 'client', 'before'])
      await client.publish(TELEMETRY, sample(boot), { qos: 1 });
    await until('those that count', () => own.recorded.length === 2);
    assert.deepEqual(own.recorded, [sample('client'), sample('before')]);
    assert.equal(own.broker.stats().foreignSamples, 1);
    assert.match(own.broker.ailment ?? '', /boot other, was there as well/);
  });

  void test('a will that comes late, and an "offline" of anybody, is answered with "online"', async (t) => {
    const mosquitto = await startMosquitto(t);
    const client = await connectClient(t, mosquitto.url);
    const own = await gateway(t, mosquitto, 'own', ['before']);
    await client.subscribe(STATUS, 1);
    await client.texts(1);
    await client.publish(STATUS, JSON.stringify({ state: 'offline', boot: 'before', ts: 1 }), {
      qos: 1,
      retain: true,
    });
    await until('online again', () => /online.*own/.test(client.received.at(-1)?.text ?? ''));
    assert.equal(own.broker.ailment, undefined);
  });
});

void test('without a reason for the end, as in MQTT 3.1.1, another that was seen since has taken the connection', async () => {
  const clock = new FakeClock();
  let status: { state: 'online' | 'offline'; boot: string } | undefined = { state: 'online', boot: 'b' };
  const rivals = new Rivals({
    ...{ clock, log: new RecordingLog(), boots: new KnownBoots('a'), broker: 'mqtt://x' },
    look: () => Promise.resolve(status),
    here: () => 'pi-a',
  });
  rivals.up();
  assert.equal(rivals.ended(undefined), false);
  await clock.advance(10);
  rivals.up();
  rivals.seen(status);
  assert.equal(rivals.ended(undefined), true);
  const pauses: (number | undefined)[] = [];
  for (let look = 0; look < 9; look++) {
    pauses.push(rivals.takePause());
    assert.equal(await rivals.isFree(), false);
  }
  assert.deepEqual(pauses, [5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  status = undefined;
  assert.equal(await rivals.isFree(), true);
  assert.equal(rivals.takePause(), undefined);
});
