// Where the embedded broker differs from the standard, or from what others make of it: the list of docs/broker.md,
// shown, so that it stays true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import { published, Server, subscribe } from './statement.js';

function deviation(name: string, run: (server: Server) => Promise<void>): void {
  void test(name, async (t) => run(new Server(t, (await startBroker(t)).port)));
}

deviation('a session without subscriptions is told as not present', async (server) => {
  const first = await server.client('bare', { clean: false });
  first.socket.destroy();
  const back = await server.client('bare', { clean: false });
  assert.deepEqual([...back.received.subarray(0, 4)], [0x20, 2, 0, 0]);
});

deviation('a retained message that was not acknowledged is not sent again', async (server) => {
  await server.publish({ topic: 'a', text: 'kept', qos: 1, retain: true });
  const reader = await server.subscriber('a', 1, { clean: false });
  await published(reader, 1);
  reader.socket.destroy();
  const back = await server.client('reads-a', { clean: false });
  await server.publish({ topic: 'a', text: 'end', qos: 1, id: 2 });
  assert.deepEqual(
    (await published(back, 1)).map(({ text }) => text),
    ['end'],
  );
});

deviation('a QoS 2 message goes on before it is released', async (server) => {
  const reader = await server.subscriber('a', 0);
  const publisher = await server.client('p');
  publisher.send(publishPacket({ topic: 'a', text: 'x', qos: 2, id: 1 }));
  assert.equal((await published(reader, 1))[0]?.text, 'x');
});

deviation('a message that several filters match comes once, with the highest QoS', async (server) => {
  const reader = await server.client('r');
  await subscribe(reader, 'a/#', 0);
  await subscribe(reader, 'a/+', 2);
  await server.publish({ topic: 'a/b', text: 'x', qos: 2 }, { topic: 'a/b', text: 'end', qos: 0 });
  assert.deepEqual(
    (await published(reader, 2)).map(({ text, qos }) => [text, qos]),
    [
      ['x', 2],
      ['end', 0],
    ],
  );
});
