// Packets with wrong bytes in them, thousands: the broker ends connections, stays alive for others and does not grow.
// MUTATED_PACKETS=1000000 runs as many as one has the patience for, in pieces with another MUTATED_SEED each, and
// prints what the process takes after every 100,000.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startBroker } from '../../support/embedded-broker.js';
import { connectClient } from '../../support/mqtt-client.js';
import { answerPacket, connectPacket, publishPacket, subscribePacket } from '../../support/raw-mqtt.js';

const PACKETS = Number(process.env['MUTATED_PACKETS'] ?? 5000);
const SEED = Number(process.env['MUTATED_SEED'] ?? 1);
const A_CONNECTION = 50;
const A_REPORT = 100_000;

/** Always the same numbers, so that what fails fails again (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const VALID = [
  publishPacket({ topic: 'a/b', text: 'x' }),
  publishPacket({ topic: 'a/b', text: 'x'.repeat(200), qos: 1, id: 7 }),
  publishPacket({ topic: 'a', text: 'x', qos: 2, id: 8, retain: true }),
  subscribePacket('a/+', 1),
  answerPacket(4, 7),
  answerPacket(6, 8),
  connectPacket('again'),
  Buffer.from([0xc0, 0]),
];

function mutated(random: () => number): Buffer {
  const bytes = Buffer.from(VALID[Math.floor(random() * VALID.length)] ?? []);
  const changes = 1 + Math.floor(random() * 3);
  for (let change = 0; change < changes; change++)
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return random() < 0.1 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
}

void test(`${String(PACKETS)} mutated packets harm nobody`, { timeout: 3_600_000 }, async (t) => {
  const { broker, port, url } = await startBroker(t);
  const random = randomFrom(SEED);
  let done = 0;
  const attack = async (packets: number): Promise<void> => {
    for (let sent = 0; sent < packets; sent += A_CONNECTION) {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined).resume();
      await once(socket, 'connect');
      const parts = Array.from({ length: A_CONNECTION }, () => mutated(random));
      socket.end(
        Buffer.concat([random() < 0.1 ? Buffer.alloc(0) : connectPacket(`c${String(sent % 500)}`), ...parts]),
      );
      await once(socket, 'close');
      if ((done += A_CONNECTION) % A_REPORT !== 0) continue;
      t.diagnostic(`${String(done)} packets, ${(process.memoryUsage().rss / 1024 / 1024).toFixed(0)} MiB`);
    }
  };
  await attack(PACKETS / 2);
  const before = process.memoryUsage().rss;
  await attack(PACKETS / 2);
  const grown = (process.memoryUsage().rss - before) / 1024 / 1024;
  const reader = await connectClient(t, url);
  await reader.subscribe('alive', 1);
  await reader.publish('alive', 'yes', { qos: 1 });
  assert.equal((await reader.message('alive')).text, 'yes');
  t.diagnostic(`grown by ${grown.toFixed(1)} MiB, ${String(broker.stats().clientErrors)} client errors`);
  assert.ok(grown < 100, `the broker grew by ${grown.toFixed(1)} MiB`);
});
