// A visit to somebody else's broker, which may hand over what it likes: as large as it comes, little of it is kept.
import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { serialize } from 'node:v8';
import { parseBrokerUrl } from '../../../../gateway/broker/outside/link/broker-url.js';
import { digestOf } from '../../../../gateway/broker/outside/received.js';
import { Heard, MOST_HEARD, visit } from '../../../../gateway/broker/outside/visit.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { header, publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';

const FILTER = 'iot/greenhouse/device/+/command/+';
const STATUS = 'iot/greenhouse/status';
const MB = 1024 * 1024;

/** Of MQTT 3.1.1; hands `retained` over at each SUBSCRIBE to their filter, and the status to its own, without the flag. */
async function startHidingBroker(t: TestContext, retained: readonly Buffer[]): Promise<string> {
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    let answered = 0;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (const { type, body } of packetsIn(received).slice(answered)) {
        answered += 1;
        const id = body.subarray(0, 2);
        // CONNECT: a version that is not MQTT 3.1.1 is refused.
        if (type === 1) socket.write(Buffer.from([0x20, 2, 0, body[6] === 4 ? 0 : 1]));
        if (type === 10) socket.write(Buffer.concat([Buffer.from([0xb0, 2]), id]));
        if (type !== 8) continue;
        socket.write(Buffer.concat([header(0x90, 3), id, Buffer.from([1])]));
        const filter = body.toString('utf8', 4, 4 + body.readUInt16BE(2));
        if (filter === FILTER) for (const packet of retained) socket.write(packet);
        else socket.write(publishPacket({ topic: STATUS, text: '{}' }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `mqtt://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

test('large retained commands that come without their flag are found', async (t) => {
  const messages = Array.from({ length: 4 }, (_, index) => ({
    topic: `iot/greenhouse/device/lamp-${String(index)}/command/dim`,
    text: String(index).repeat(2 * MB),
  }));
  const url = await startHidingBroker(t, messages.map(publishPacket));
  const hidden = await visit(parseBrokerUrl(url), new SystemClock(), async (broker) =>
    broker.hidden([FILTER], STATUS),
  );
  const expected = messages.map(({ topic, text }) => digestOf({ topic, payload: Buffer.from(text) }));
  assert.deepEqual([...hidden.keys()].sort(), expected.sort());
  assert.deepEqual([...hidden.values()].sort(), messages.map(({ topic }) => topic).sort());
});

test('of each message that a broker hands over a few hundred bytes are kept, of so many and no more', () => {
  const heard = new Heard(['#']);
  const payload = Buffer.alloc(100_000, 'x');
  for (let index = 0; index < 500; index += 1)
    heard.note(`${String(index)}/${'t'.repeat(65_000)}`, payload, false);
  assert.equal(heard.digests.size, 500);
  assert.ok(serialize(heard.digests).length < 500 * 300);
  for (let index = 0; index < MOST_HEARD; index += 1)
    heard.note(String(index), payload.subarray(0, 1), false);
  assert.equal(heard.digests.size, MOST_HEARD);
});
