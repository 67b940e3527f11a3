// When Home Assistant is told, at a real broker and with a clock that is moved by hand.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { DiscoveryMessage } from '../../../bridge/home-assistant/payload.js';
import { DiscoveryPublisher } from '../../../bridge/home-assistant/publisher.js';
import { removalMessage } from '../../../bridge/home-assistant/removal.js';
import { Outlet } from '../../../bridge/messages/outlet.js';
import { FakeClock } from '../../support/fake-clock.js';
import { startBroker } from '../../support/mqtt/embedded-broker.js';
import { RecordingLog } from '../../support/recording-log.js';

const [OWN, DEVICE, GONE] = ['gw', 'gw/one', 'gw/gone'].map(
  (place) => `homeassistant/device/${place}/config`,
);
const STATUS = 'homeassistant/status';

function message(topic = ''): DiscoveryMessage {
  return removalMessage(topic, ['sensor_field_x'], '1');
}

interface Run {
  readonly clock: FakeClock;
  readonly publisher: DiscoveryPublisher;
  readonly birth: (text: string, retain?: boolean) => Promise<void>;
  /** What was told since the last call: topics, in their order. */
  readonly told: () => Promise<readonly string[]>;
}

async function run(t: TestContext, before?: string): Promise<Run> {
  const { broker } = await startBroker(t);
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  const outlet = new Outlet(broker.bus, log);
  const heard: string[] = [];
  await broker.bus.subscribe('homeassistant/device/#', 1, ({ topic }) => heard.push(topic));
  const birth = async (text: string, retain = false): Promise<void> =>
    broker.bus.publish({ topic: STATUS, payload: Buffer.from(text), qos: 1, retain });
  if (before !== undefined) await birth(before, true);
  const publisher = new DiscoveryPublisher({
    ...{ outlet, bus: broker.bus, clock, log },
    tell: () => ({ messages: [message(OWN), message(DEVICE)], removals: [message(GONE)] }),
  });
  await publisher.start();
  t.after(async () => publisher.stop());
  const told = async (): Promise<readonly string[]> => {
    await outlet.drained();
    return heard.splice(0);
  };
  return { clock, publisher, birth, told };
}

test('at the start, and at a birth, with what is gone before the rest', async (t) => {
  const { clock, birth, told } = await run(t);
  assert.deepEqual(await told(), [OWN, DEVICE]);
  await clock.advance(3_600_000);
  assert.deepEqual(await told(), [], 'not by itself');
  await birth('online');
  await clock.advance(0);
  assert.deepEqual(await told(), [GONE, OWN, DEVICE]);
});

test('not at its last word, nor at a birth of another time, but at one that it says retained', async (t) => {
  const { clock, birth, told } = await run(t, 'online');
  await clock.advance(20_000);
  assert.deepEqual(await told(), [OWN, DEVICE]);
  await birth('offline');
  await clock.advance(20_000);
  assert.deepEqual(await told(), []);
  await birth('online', true);
  await clock.advance(0);
  assert.deepEqual(await told(), [GONE, OWN, DEVICE]);
});

test('many births are one, every three seconds at the most', async (t) => {
  const { clock, birth, told } = await run(t);
  await told();
  for (let times = 0; times < 20; times += 1) await birth('online');
  await clock.advance(2_999);
  assert.deepEqual(await told(), []);
  await clock.advance(1);
  assert.deepEqual(await told(), [GONE, OWN, DEVICE]);
  await clock.advance(60_000);
  assert.deepEqual(await told(), []);
});

test('not after its stop', async (t) => {
  const { clock, publisher, birth, told } = await run(t);
  await told();
  await birth('online');
  await publisher.stop();
  await birth('online');
  await clock.advance(60_000);
  assert.deepEqual(await told(), []);
});
