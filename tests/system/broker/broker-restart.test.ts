// Clients of the embedded broker do not notice that its process was killed: what it had acknowledged to them is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { answerPacket, connectPacket, openRaw } from '../../support/mqtt/raw-mqtt.js';
import { publishesIn, packetsIn } from '../../support/mqtt/raw-packets.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const MESSAGES = 50;

for (const signal of ['SIGKILL', 'SIGTERM'] as const)
  test(`after ${signal} retained values, sessions, queues, handshakes and wills are back`, async (t) => {
    const dataDir = await temporaryFolder(t);
    const first = await startGateway(t, { dataDir });
    const away = await connectClient(t, first.mqttUrl, { clientId: 'away', clean: false });
    await away.subscribe('mine/#', 2);
    await away.mqtt.endAsync();
    const half = await openRaw(t, Number(new URL(first.mqttUrl).port));
    half.send(
      connectPacket('half', { clean: false }),
      Buffer.from([0x82, 9, 0, 1, 0, 4, ...Buffer.from('half'), 2]),
    );
    await half.bytes(4 + 5);
    const sender = await connectClient(t, first.mqttUrl, {
      will: { topic: 'mine/will', payload: Buffer.from('will'), qos: 1, retain: false },
    });
    await sender.publish('half', 'x', { qos: 2 });
    await until('the message', () => publishesIn(half.received).length === 1);
    const id = publishesIn(half.received)[0]?.id ?? 0;
    half.send(answerPacket(5, id));
    await until('the PUBREL', () => packetsIn(half.received).some(({ type }) => type === 6));
    await sender.publish('kept', 'value', { qos: 1, retain: true });
    const texts = Array.from({ length: MESSAGES }, (_, index) => String(index));
    for (const [index, text] of texts.entries())
      await sender.publish('mine/queue', text, { qos: index % 2 === 0 ? 1 : 2 });
    // A round trip later: what is acknowledged last may be lost with the milliseconds that docs/broker.md names.
    for (let round = 0; round < 20; round++) await sender.publish('other', 'x', { qos: 2 });
    await first.end(signal);

    const second = await startGateway(t, { dataDir });
    const back = await connectClient(t, second.mqttUrl, { clientId: 'away', clean: false });
    const expected = [...texts, 'will'];
    const came = await back.texts(expected.length);
    assert.deepEqual(came.toSorted(), expected.toSorted());
    // A client library hands QoS 2 messages on at their PUBREL, so only those of one QoS have an order.
    const ofQos1 = back.received.filter(({ qos, topic }) => qos === 1 && topic === 'mine/queue');
    assert.deepEqual(
      ofQos1.map(({ text }) => text),
      texts.filter((_, index) => index % 2 === 0),
    );
    await back.subscribe('kept', 1);
    assert.equal((await back.message('kept')).text, 'value');
    const halfBack = await openRaw(t, Number(new URL(second.mqttUrl).port));
    halfBack.send(connectPacket('half', { clean: false }));
    await until('the PUBREL again', () => packetsIn(halfBack.received).some(({ type }) => type === 6));
    assert.equal(halfBack.received[2], 1, 'session present');
    assert.equal(
      packetsIn(halfBack.received)
        .find(({ type }) => type === 6)
        ?.body.readUInt16BE(0),
      id,
    );
    await second.end('SIGTERM');
  });
