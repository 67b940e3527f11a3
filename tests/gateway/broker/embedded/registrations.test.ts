// Of all who come by one id at once the last one stays, each that came has gone, and nobody is counted who is not there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import {
  connectPacket,
  openRaw,
  subscribePacket,
  type RawConnection,
} from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn } from '../../../support/mqtt/raw-packets.js';
import { until } from '../../../support/waiting.js';

const CONNACK = 2;
const answered = (connection: RawConnection): boolean =>
  packetsIn(connection.received).some(({ type }) => type === CONNACK);

for (const version of [4, 5])
  for (const clean of [true, false]) {
    const whose = `MQTT ${version === 5 ? '5' : '3.1.1'}, ${clean ? 'without' : 'with'} a session`;

    void test(`many of one id at once: one stays, and none is counted after it, ${whose}`, async (t) => {
      const { broker, port } = await startBroker(t, { maxConnectionsPerAddress: 100 });
      for (let round = 0; round < 10; round += 1) {
        const first = await openRaw(t, port);
        first.send(connectPacket('same', { version, clean }));
        await until('the first is there', () => answered(first));
        const all = [first];
        while (all.length < 2 + (round % 3)) all.push(await openRaw(t, port));
        for (const one of all.slice(1)) one.send(connectPacket('same', { version, clean }));
        // Some go while they wait for their turn.
        if (all.length > 2 && round % 2 === 1) all[1]?.socket.end();
        await until('one is left', () => all.filter(({ closed }) => !closed).length === 1);
        const [left] = all.filter(({ closed }) => !closed);
        assert.ok(left);
        await until('it has its answer', () => answered(left));
        await until('it alone is counted', () => broker.stats().clients === 1);
        left.socket.destroy();
        await until('none is counted', () => broker.stats().clients === 0);
      }
    });

    void test(`one that comes while the former connection closes is there, and counted, ${whose}`, async (t) => {
      const { broker, port } = await startBroker(t, { maxConnectionsPerAddress: 100 });
      let former = await openRaw(t, port);
      former.send(connectPacket('same', { version, clean }));
      await until('it is there', () => answered(former));
      for (let round = 0; round < 50; round += 1) {
        const next = await openRaw(t, port);
        for (let filter = 0; filter < 5; filter += 1)
          former.send(subscribePacket(`a/${String(filter)}`, 1, 1, version === 5 ? [] : undefined));
        former.socket.end();
        next.send(connectPacket('same', { version, clean }));
        await until('the next is there', () => answered(next));
        former = next;
      }
      await until('one is counted', () => broker.stats().clients === 1);
      former.socket.destroy();
      await until('none is counted', () => broker.stats().clients === 0);
    });
  }
