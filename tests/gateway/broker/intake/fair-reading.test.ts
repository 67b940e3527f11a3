// Who pours in as much as goes takes only a share of each turn: whoever comes meanwhile is let in, and heard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { until } from '../../../support/waiting.js';
import { openRawClient, publishPacket, subscribePacket } from '../../../support/mqtt/raw-mqtt.js';

const FLOODS = 8;
const PACKETS = 10_000;

/** What is poured, and how many packets of it may be read until the newcomer is in, which takes some ten turns. */
const POURED = {
  'filters that are refused': [subscribePacket(`flood/${'f'.repeat(900)}/+`, 0), 800],
  'messages that nobody reads': [publishPacket({ topic: 'flood', text: 'x'.repeat(900) }), 2500],
} as const;

for (const [what, [packet, most]] of Object.entries(POURED)) {
  test(`a newcomer is let in between ${what}`, async (t) => {
    const { broker, port } = await startBroker(t, { maxTopicBytes: 500 });
    for (let flood = 0; flood < FLOODS; flood += 1) {
      const client = await openRawClient(t, port, `flood-${String(flood)}`);
      client.send(...Array.from({ length: PACKETS }, () => packet));
    }
    const { packetsIn: before } = broker.stats();
    await openRawClient(t, port, 'newcomer');
    const meanwhile = broker.stats().packetsIn - before;
    t.diagnostic(`${String(meanwhile)} packets meanwhile`);
    assert.ok(meanwhile < most, `${String(meanwhile)} packets of the floods were taken first`);
    assert.ok(meanwhile > 0, 'the floods go on');
  });
}

/** A few reads of the socket: some in the broker, some in the kernel on their way back. */
const MOST_READ_AHEAD = 256 * 1024;

test('of who sends faster than it is served as much is read as can be served next', async (t) => {
  const { broker, port } = await startBroker(t, { maxTopicBytes: 100 });
  const client = await openRawClient(t, port, 'flood');
  const packet = subscribePacket(`flood/${'f'.repeat(100)}`, 0);
  const { bytesIn: before } = broker.stats();
  let answered = 0;
  let most = 0;
  client.socket.on('data', (bytes) => {
    answered += bytes.length / 5;
    most = Math.max(most, broker.stats().bytesIn - before - Math.floor(answered) * packet.length);
  });
  client.send(...Array.from({ length: 100_000 }, () => packet));
  await until('all answers', () => answered >= 100_000, 60_000);
  t.diagnostic(`${String(most)} bytes at most`);
  assert.ok(most < MOST_READ_AHEAD, `${String(most)} bytes were read ahead of what was served`);
});
