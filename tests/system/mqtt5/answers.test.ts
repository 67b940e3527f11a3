// A command and a request with a Response Topic are answered there, over TCP and WebSocket, and nowhere that is not theirs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from '../../support/gateway-process.js';
import { connect5 } from '../../gateway/broker/version5/client5.js';
import { until } from '../../support/waiting.js';

const DIM = 'iot/greenhouse/device/lamp-1/command/dim';
const STATE = 'iot/greenhouse/device/lamp-1/state';

for (const carrier of ['mqttUrl', 'webSocketUrl'] as const)
  test(`what asks with a Response Topic is answered there (${carrier})`, async (t) => {
    const gateway = await startGateway(t);
    const client = await connect5(t, gateway[carrier]);
    await client.subscribe('me/#', 1);
    await client.subscribe('iot/greenhouse/device/lamp-1/reply/dim', 1);
    await until('the lamp', () => gateway.output().includes('lamp-1'));
    const correlationData = Buffer.from([7, 0, 255]);
    const properties = { responseTopic: 'me/answers', correlationData };
    await client.mqtt.publishAsync(DIM, '128', { qos: 1, properties });
    await client.mqtt.publishAsync('iot/greenhouse/request/log_level', '{"level":"info"}', {
      qos: 1,
      properties,
    });
    await client.mqtt.publishAsync(DIM, '129', { qos: 1, properties: { responseTopic: STATE } });
    await until('all answers', () => client.packets.length === 4);
    const at = (topic: string): typeof client.packets =>
      client.packets.filter((packet) => packet.topic === topic);
    const answers = at('me/answers');
    assert.equal(answers.length, 2);
    for (const packet of answers) {
      assert.deepEqual(packet.properties?.correlationData, correlationData);
      assert.equal(packet.properties.contentType, 'application/json');
      assert.equal(packet.qos, 1);
    }
    const replies = at('iot/greenhouse/device/lamp-1/reply/dim').map(({ payload }) => String(payload));
    assert.equal(replies.length, 2, 'the reply topic has both');
    assert.ok(
      answers.some(({ payload }) => String(payload) === replies[0]),
      'and it is the same answer',
    );
    assert.match(gateway.output(), /a response topic is passed over/);
  });
