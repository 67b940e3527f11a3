// MQTT 5: a broker says the highest QoS that it takes, and it counts for the will as well: with a will of QoS 1 Mosquitto's
// `max_qos 0` refuses the connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectClient } from '../../../support/mqtt/client.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { startOutside } from '../../../support/mqtt/outside-broker.js';
import { until } from '../../../support/waiting.js';

const PLAIN = (port: number): string => `listener ${String(port)} 127.0.0.1\nallow_anonymous true\n`;

for (const most of [0, 1])
  void test(
    `a broker that takes QoS ${String(most)} at the most is used with that`,
    { skip: withoutMosquitto },
    async (t) => {
      const { url } = await startMosquitto(t, (port) => `${PLAIN(port)}max_qos ${String(most)}\n`);
      const client = await connectClient(t, url);
      await client.subscribe('#', 1);
      const { log, outside } = await startOutside(t, url);
      const heard: string[] = [];
      await outside.bus.subscribe('in', 1, ({ payload }) => heard.push(Buffer.from(payload).toString()));
      for (const text of ['1', '2', '3'])
        await outside.bus.publish({ topic: 'out', payload: Buffer.from(text), qos: 1, retain: false });
      await client.publish('in', 'x', { qos: 0 });
      const out = (): string[] =>
        client.received.filter(({ topic }) => topic === 'out').map(({ text }) => text);
      await until('all have come', () => out().length === 3 && heard.length === 1);
      assert.deepEqual(out(), ['1', '2', '3']);
      assert.equal(log.saying('connected to the outside broker').length, 1);
      assert.deepEqual(
        log.messages('warn'),
        most === 0
          ? ['the outside broker takes QoS 0 alone: what is under way when the connection breaks is lost']
          : [],
      );
    },
  );
