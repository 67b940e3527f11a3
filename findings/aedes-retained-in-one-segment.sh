#!/usr/bin/env bash
# aedes 1.2.0 with its default store (aedes-persistence 11.0.0): of two messages that a client sends in one TCP segment, a
# retained one and then a plain one, both QoS 0, a connected subscriber gets only the second.
#
# Guess:   on one connection between two connected clients nothing is lost, and TCP's segments mean nothing.
# Happens: aedes numbers each message when it comes and drops at each subscriber what has a lower number than the last one
#          delivered, as a duplicate. A retained message goes through the store first, whose promise takes a turn more,
#          so the plain one that was read together with it overtakes it. Sent apart, both arrive.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --prefix . --no-save --silent --no-audit --no-fund aedes@1.2.0 aedes-persistence@11.0.0 mqtt-packet@9.0.2 || exit 2

cat >show.mjs <<'JS'
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Aedes } from 'aedes';
import { generate, parser } from 'mqtt-packet';

const broker = await Aedes.createBroker();
const server = createServer(broker.handle).listen(0, '127.0.0.1');
await once(server, 'listening');

/** `send` writes all its packets at once; `next` waits for one packet of a kind. */
async function client(clientId) {
  const socket = connect(server.address().port, '127.0.0.1');
  await once(socket, 'connect');
  const packets = parser();
  socket.on('data', (bytes) => packets.parse(bytes));
  const send = (...all) => socket.write(Buffer.concat(all.map((packet) => generate(packet))));
  const next = async (cmd) => {
    for (;;) {
      const [packet] = await once(packets, 'packet');
      if (packet.cmd === cmd) return packet;
    }
  };
  send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0, clientId });
  await next('connack');
  return { socket, packets, send, next };
}

const message = (topic, retain) => ({ cmd: 'publish', topic, payload: '21.5', qos: 0, retain });
const subscriber = await client('subscriber');
subscriber.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '#', qos: 0 }] });
await subscriber.next('suback');
const publisher = await client('publisher');

/** What arrives ahead of `end`, which is sent a turn of the connection later. */
async function arriving(...segments) {
  const topics = [];
  const ended = new Promise((resolve) => {
    subscriber.packets.on('packet', function listen({ topic }) {
      if (topic !== 'end') return topics.push(topic);
      subscriber.packets.off('packet', listen);
      resolve();
    });
  });
  for (const segment of [...segments, [message('end', false)]]) {
    publisher.send(...segment, { cmd: 'pingreq' });
    await publisher.next('pingresp');
    // The broker's own turns: nothing of a segment is still on its way when the next is sent.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await ended;
  return topics;
}

const seen = {
  apart: await arriving([message('retained', true)], [message('plain', false)]),
  together: await arriving([message('retained', true), message('plain', false)]),
};
console.log('aedes 1.2.0, retained then plain, what a subscriber gets:', seen);
assert.deepEqual(seen, { apart: ['retained', 'plain'], together: ['plain'] });
for (const { socket } of [subscriber, publisher]) socket.destroy();
broker.close(() => server.close());
JS
node show.mjs
