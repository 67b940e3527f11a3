// A DISCONNECT behind messages that are still being taken: it is heard after them, and nobody waits for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { answerPacket, openRawClient, publishPacket } from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import { startWebFor } from '../../../support/web-server.js';
import { until } from '../../../support/waiting.js';

const GOODBYE = Buffer.from([0xe0, 0]);

for (const qos of [0, 1, 2] as const)
  void test(`a goodbye behind a message of QoS ${String(qos)} that waits holds up nobody else`, async (t) => {
    const { broker, port, webSocketUrl } = await startWebFor(t, await startBroker(t));
    const taken: string[] = [];
    let take: () => void = () => undefined;
    const permitted = new Promise<void>((resolve) => (take = resolve));
    await broker.bus.subscribeBeforeAck('slow', async ({ payload }) => {
      await permitted;
      taken.push(payload.toString());
    });
    const others = await connectClient(t, webSocketUrl);
    await others.subscribe('quick');
    const leaver = await openRawClient(t, port, 'leaver');
    const texts = ['1', '2', '3'];
    leaver.send(...texts.map((text, id) => publishPacket({ topic: 'slow', text, qos, id: id + 1 })), GOODBYE);
    leaver.socket.end();
    await until('they are being taken', () => broker.stats().publishesIn === texts.length);
    for (let number = 0; number < 20; number++) await others.publish('quick', String(number), { qos: 1 });
    await others.texts(20);
    assert.equal(leaver.closed, false);
    take();
    await leaver.untilClosed();
    assert.deepEqual(taken, texts);
    const answers = packetsIn(leaver.received).slice(1);
    const expected = qos === 0 ? [] : texts.map((_, id) => answerPacket(qos === 1 ? 4 : 5, id + 1));
    assert.deepEqual(
      answers.map(({ type, body }) => answerPacket(type as 4 | 5, body.readUInt16BE(0))),
      expected,
    );
  });
