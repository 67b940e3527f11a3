// MQTT 5: a broker says how many unacknowledged messages it takes, and ends the connection of who sends one more
// [MQTT-3.3.4-9]. HiveMQ CE says 10.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { startOutside } from '../../../support/mqtt/outside-broker.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import { until } from '../../../support/waiting.js';

const MOST = 2;
const [CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE] = [1, 3, 8, 10];
const RECEIVE_MAXIMUM = 0x21;
const CONNACK = Buffer.from([0x20, 6, 0, 0, 3, RECEIVE_MAXIMUM, 0, MOST]);

interface Strict {
  readonly url: string;
  readonly most: () => number;
  readonly topics: readonly string[];
  /** Acknowledges what is under way, and from now on what comes. */
  release(): void;
}

async function strictBroker(t: TestContext): Promise<Strict> {
  let most = 0;
  let holds = true;
  const open: (() => void)[] = [];
  const topics: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let rest = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (const { type, flags, body } of packetsIn(rest)) {
        rest = rest.subarray(body.byteOffset - rest.byteOffset + body.length);
        if (type === CONNECT) socket.write(CONNACK);
        if (type === SUBSCRIBE) socket.write(Buffer.from([0x90, 4, body[0] ?? 0, body[1] ?? 0, 0, 1]));
        if (type === UNSUBSCRIBE) socket.write(Buffer.from([0xb0, 4, body[0] ?? 0, body[1] ?? 0, 0, 0]));
        if (type !== PUBLISH) continue;
        const end = 2 + body.readUInt16BE(0);
        topics.push(body.toString('utf8', 2, end));
        if ((flags & 6) === 0) continue;
        const puback = Buffer.from([0x40, 2, body[end] ?? 0, body[end + 1] ?? 0]);
        open.push(() => socket.write(puback));
        most = Math.max(most, open.length);
        if (!holds) setImmediate(() => open.shift()?.());
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `mqtt://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    most: () => most,
    topics,
    release: () => {
      holds = false;
      for (const acknowledge of open.splice(0)) acknowledge();
    },
  };
}

void test('no more is unacknowledged than the broker takes, the own status included, and all in order', async (t) => {
  const broker = await strictBroker(t);
  const { outside } = await startOutside(t, broker.url);
  const names = Array.from({ length: 12 }, (_, index) => `a/${String(index)}`);
  const sent = Promise.all(
    names.map((topic, index) =>
      outside.bus.publish({ topic, payload: Buffer.alloc(1), qos: index % 3 === 0 ? 0 : 1, retain: false }),
    ),
  );
  await until('as many as may be', () => broker.most() >= MOST);
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  broker.release();
  await sent;
  assert.equal(broker.most(), MOST);
  assert.deepEqual(
    broker.topics.filter((topic) => topic.startsWith('a/')),
    names,
  );
});
