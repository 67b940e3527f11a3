// Retained messages for a client that takes fewer at once than there are wait for its answers, and its next SUBSCRIBE waits
// for them; what it says is read meanwhile, or there would be no answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { BrokerLimits } from '../../../../gateway/broker/mqtt/limits.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { answerPacket, connectPacket, openRaw, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';
import type { RawConnection } from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import { until } from '../../../support/waiting.js';

const [PUBLISH, RETAINED] = [3, 5];
const ALL = 2 * RETAINED;
const TAKES_ONE = [0x21, 0, 1];
const GOODBYE = Buffer.from([0xe0, 0]);

/** Subscribed to five, of which it has the first, and again to them. */
async function behindTheFirst(t: TestContext, limits: Partial<BrokerLimits> = {}): Promise<RawConnection> {
  const { port, url } = await startBroker(t, limits);
  const publisher = await connectClient(t, url);
  for (let index = 0; index < RETAINED; index++)
    await publisher.publish(`a/${String(index)}`, 'x', { qos: 1, retain: true });
  const reader = await openRaw(t, port);
  const twice = [1, 2].map((id) => subscribePacket('a/#', 1, id, []));
  reader.send(connectPacket('a', { version: 5, properties: TAKES_ONE }), ...twice);
  await until('the first', () => ids(reader).length === 1);
  return reader;
}

/** Packet identifiers of what came, behind topics of three bytes. */
function ids({ received }: RawConnection): number[] {
  return packetsIn(received)
    .filter(({ type }) => type === PUBLISH)
    .map(({ body }) => body.readUInt16BE(2 + 3));
}

async function acknowledgeAll(reader: RawConnection): Promise<void> {
  for (let count = 1; count <= ALL; count++) {
    await until(`message ${String(count)}`, () => ids(reader).length >= count);
    // With a reason, as some libraries send it: not by the short way.
    const [, , ...id] = answerPacket(4, ids(reader)[count - 1] ?? 0);
    reader.send(Buffer.from([0x40, 3, ...id, 0]));
  }
}

void test('who has not answered yet and says goodbye, or just goes, is let go', async (t) => {
  const polite = await behindTheFirst(t);
  polite.send(GOODBYE);
  await polite.untilClosed();
  const other = await behindTheFirst(t, { maxPublishesPerSecond: 1000 });
  other.socket.end();
  await other.untilClosed();
  assert.deepEqual([ids(polite).length, ids(other).length], [1, 1]);
});

for (const [name, limits] of [
  ['', {}],
  [', also of a client with a rate', { maxPublishesPerSecond: 1000 }],
] as const)
  void test(`each answer brings the next${name}`, async (t) => {
    const reader = await behindTheFirst(t, limits);
    await acknowledgeAll(reader);
    assert.equal(ids(reader).length, ALL);
  });
