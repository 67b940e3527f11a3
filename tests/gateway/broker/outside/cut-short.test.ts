// A client of the gateway's own id, which is no gateway and says nothing on its topics, at a broker that does not tell either
// of them why it hangs up: the tries become rarer, and the log says the likely cause once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { CutShort } from '../../../../gateway/broker/outside/link/cut-short.js';
import { KnownBoots } from '../../../../gateway/broker/outside/rivals/known-boots.js';
import { OutsideBroker } from '../../../../gateway/broker/outside/broker.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { until } from '../../../support/waiting.js';

const RETRY = { firstMs: 500, mostMs: 30_000 };

void test('the third short connection makes the pauses grow, whatever each of them did; a long one ends it', async () => {
  const clock = new FakeClock();
  const cutShort = new CutShort(clock);
  const live = async (ms: number, isHungUp = true): Promise<number> => {
    cutShort.up();
    await clock.advance(ms);
    cutShort.ended(isHungUp);
    return cutShort.pause(RETRY.firstMs, RETRY);
  };
  const pauses: number[] = [];
  for (let time = 0; time < 11; time += 1) pauses.push(await live(1000));
  assert.deepEqual(pauses, [500, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  assert.equal(await live(60_000), 500);
  for (let time = 0; time < 3; time += 1) await live(1000);
  assert.ok(cutShort.isTelling);
  assert.equal(await live(1000, false), 500, 'a broker that says why, or cannot be reached, is none of this');
  assert.equal(cutShort.pause(20_000, RETRY), 20_000);
});

void test('two of one id at Mosquitto: one line with the cause', { skip: withoutMosquitto }, async (t) => {
  const { url } = await startMosquitto(t);
  const [clock, log, clientId] = [new SystemClock(), new RecordingLog(), 'i2c-mqtt-gateway-iot-greenhouse'];
  const status = (state: string) => () => Buffer.from(JSON.stringify({ state, boot: 'a', ts: clock.now() }));
  const broker = new OutsideBroker({
    ...{ url, log, clock, clientId, retry: { firstMs: 10, mostMs: 100 } },
    status: {
      ...{ topic: 'iot/greenhouse/status', online: status('online'), offline: status('offline') },
      ...{ boots: new KnownBoots('a'), here: () => 'pi' },
    },
  });
  t.after(() => broker.stop());
  await broker.start();
  await broker.door.start();
  await until('the connection', () => broker.stats().connected);
  const rival = mqtt.connect(url, { clientId, reconnectPeriod: 20 });
  rival.on('error', () => undefined);
  t.after(async () => rival.endAsync(true));
  await until('many of them', () => broker.stats().connects > 10);
  const [line, ...more] = log.saying('again and again');
  assert.match(line?.message ?? '', /another client uses the id i2c-mqtt-gateway-iot-greenhouse as well/);
  assert.deepEqual([line?.level, line?.fields['times'], more], ['warn', 3, []]);
  assert.equal(log.saying('was lost').filter(({ level }) => level === 'warn').length, 3);
  const pauses = log.saying('was lost').map(({ fields }) => Number(fields['retryInMs']));
  assert.ok(pauses.at(-1) === 100 && (pauses[0] ?? 0) < 100, pauses.join());
  assert.equal(log.saying('connected to').filter(({ level }) => level !== 'debug').length, 4);
  rival.options.reconnectPeriod = 0;
  await rival.endAsync(true);
  await until('it stays', () => broker.stats().connected);
});
