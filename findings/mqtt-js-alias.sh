#!/usr/bin/env bash
# MQTT.js 5.16.0: a QoS 2 message that comes by a topic alias which the client knows is handed on with an empty topic.
#
# Guess:   a client that says in CONNECT how many aliases it takes hands on the topic that the alias stands for, whatever the
#          message's QoS: the alias is MQTT 5's way to leave the name out on the wire (section 3.3.2.3.4), and no more.
# Happens: QoS 0 and 1 come with their topic. Of QoS 2 'message' has '' for the topic, where the broker left it out; so does
#          the packet that comes with it. Who tells messages by their topic takes it for none of its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --prefix . --no-save --silent --no-audit --no-fund mqtt@5.16.0 mqtt-packet@9.0.2 || exit 2

cat >show.mjs <<'JS'
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import mqtt from 'mqtt';
import { generate, parser } from 'mqtt-packet';

const v5 = { protocolVersion: 5 };

/** Says a topic with its alias, then the alias alone; both with this QoS. */
async function topicsOf(qos) {
  const server = createServer((socket) => {
    const packets = parser(v5);
    const send = (packet) => socket.write(generate(packet, v5));
    const say = (topic, messageId) =>
      send({ cmd: 'publish', topic, payload: 'x', qos, messageId, properties: { topicAlias: 1 } });
    packets.on('packet', ({ cmd, messageId, properties }) => {
      if (cmd === 'connect') {
        assert.ok(properties.topicAliasMaximum >= 1);
        send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
        say('tank/level', 1);
        say('', 2);
      }
      if (cmd === 'pubrec') send({ cmd: 'pubrel', messageId, reasonCode: 0 });
    });
    socket.on('data', (bytes) => packets.parse(bytes));
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = mqtt.connect({
    ...{ host: '127.0.0.1', port: server.address().port, ...v5 },
    properties: { topicAliasMaximum: 5 },
  });
  const topics = [];
  await new Promise((resolve) => {
    client.on('message', (topic, _payload, packet) => {
      topics.push([topic, packet.topic]);
      if (topics.length === 2) resolve();
    });
  });
  await client.endAsync(true);
  server.close();
  return topics;
}

const seen = { 0: await topicsOf(0), 1: await topicsOf(1), 2: await topicsOf(2) };
console.log('MQTT.js 5.16.0, a topic by its name and by its alias, by QoS:', seen);
const named = ['tank/level', 'tank/level'];
assert.deepEqual([seen[0][1][0], seen[1][1][0], seen[2][1][0]], ['tank/level', 'tank/level', '']);
assert.deepEqual([seen[0][0], seen[1][0], seen[2][0]], [named, named, named]);
assert.equal(seen[2][1][1], '');
JS
node show.mjs
