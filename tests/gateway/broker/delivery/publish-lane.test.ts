// What the short way in keeps of a client's last message is the next one's only where that has the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PublishLane } from '../../../../gateway/broker/delivery/publish-lane.js';
import type { LaneClient, LanePublish } from '../../../../gateway/broker/delivery/publish-lane.js';
import { publishPacket } from '../../../support/mqtt/raw-mqtt.js';

const userProperty = (name: string, value: string): number[] => [
  ...[0x26, 0, name.length, ...Buffer.from(name)],
  ...[value.length >> 8, value.length & 0xff, ...Buffer.from(value)],
];
const correlation = (...data: readonly number[]): number[] => [0x09, 0, data.length, ...data];

/** What a client of MQTT 5 says in one chunk for each. */
function read(...chunks: readonly Buffer[]): LanePublish[] {
  const found: LanePublish[] = [];
  const client: LaneClient = { connected: true, closed: false, version: 5, _keepaliveTimer: null };
  const lane = new PublishLane(client, {
    publish: (publish) => found.push(publish) > 0,
    acknowledged: () => undefined,
  });
  for (const chunk of chunks) assert.equal(lane.read(chunk), null);
  return found;
}

test('properties and topics that follow each other are each message’s own', () => {
  const said = [
    { topic: 'a/b', properties: userProperty('k', 'one') },
    { topic: 'a/b', properties: userProperty('k', 'one') },
    { topic: 'a/c', properties: userProperty('k', 'two') },
    { topic: 'a/c', properties: [] },
    { topic: 'a/b', properties: userProperty('k', 'two') },
    { topic: 'a/b', properties: userProperty('k', 'three') },
    { topic: 'a/b', properties: [...correlation(1, 2), ...userProperty('k', 'x')] },
    { topic: 'a/b', properties: [...correlation(1, 3), ...userProperty('k', 'x')] },
    { topic: 'a/b', properties: userProperty('k', 'long'.repeat(500)) },
    { topic: 'a/b', properties: userProperty('k', 'gnol'.repeat(500)) },
  ];
  for (const qos of [0, 1] as const) {
    const packets = said.map((one, index) =>
      publishPacket({ ...one, text: String(index), qos, id: index + 1 }),
    );
    for (const found of [read(...packets), read(Buffer.concat(packets))]) {
      assert.deepEqual(
        found.map(({ topic, properties: { bytes }, payload }) => [topic, [...bytes], payload.toString()]),
        said.map(({ topic, properties }, index) => [topic, properties, String(index)]),
      );
      assert.deepEqual(
        found.map(({ properties: { message } }) => [
          message?.userProperties?.at(-1)?.[1],
          message?.correlationData?.[1],
        ]),
        [
          ...[
            ['one', undefined],
            ['one', undefined],
            ['two', undefined],
            [undefined, undefined],
          ],
          ...[
            ['two', undefined],
            ['three', undefined],
            ['x', 2],
            ['x', 3],
          ],
          ...[
            ['long'.repeat(500), undefined],
            ['gnol'.repeat(500), undefined],
          ],
        ],
      );
    }
  }
});

test('what is kept of properties lies in no chunk, and nothing large is kept', () => {
  const packets = [correlation(1, 2), userProperty('k', 'v'.repeat(1000))].map((properties) =>
    publishPacket({ topic: 'a', text: 'x', qos: 0, properties }),
  );
  const [small, large, again] = read(...packets, ...packets.slice(1));
  const [chunk] = packets;
  assert.notEqual(small?.properties.parsed?.correlationData?.buffer, chunk?.buffer);
  assert.notEqual(large?.properties, again?.properties);
});
