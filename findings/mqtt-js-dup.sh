#!/usr/bin/env bash
# MQTT.js 5.16.0: a QoS 1 message that it sends again after a reconnect is not marked as sent again.
#
# Guess:   DUP is set on it, as MQTT demands of a PUBLISH that is re-delivered [MQTT-3.3.1-1], so that whoever takes it can
#          tell a second copy from a second message.
# Happens: the packet is sent again as it was, same packet identifier, DUP 0: in MQTT 3.1.1 and in MQTT 5, in a session
#          that the server says it has kept. A receiver that must not do a thing twice needs an identity in the payload.
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

/** Hangs up at the first PUBLISH instead of acknowledging it; keeps the session; acknowledges the second. */
async function copiesOf(protocolVersion) {
  const publishes = [];
  let connections = 0;
  const server = createServer((socket) => {
    const sessionPresent = connections > 0;
    connections += 1;
    const packets = parser({ protocolVersion });
    const send = (packet) => socket.write(generate(packet, { protocolVersion }));
    packets.on('packet', (packet) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent });
      if (packet.cmd !== 'publish') return;
      publishes.push(packet);
      if (publishes.length === 1) socket.destroy();
      else send({ cmd: 'puback', messageId: packet.messageId });
    });
    socket.on('data', (bytes) => packets.parse(bytes));
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = mqtt.connect({
    ...{ host: '127.0.0.1', port: server.address().port, protocolVersion },
    ...{ clientId: 'pump-control', clean: false, reconnectPeriod: 50 },
    properties: protocolVersion === 5 ? { sessionExpiryInterval: 600 } : undefined,
  });
  await client.publishAsync('pump/set', 'on', { qos: 1 });
  await client.endAsync(true);
  server.close();
  const [first, second] = publishes;
  return { copies: publishes.length, sameIdentifier: first.messageId === second.messageId, dupOfSecond: second.dup };
}

const seen = { 'MQTT 3.1.1': await copiesOf(4), 'MQTT 5': await copiesOf(5) };
console.log('MQTT.js 5.16.0, one QoS 1 message over a cut connection:', seen);
const unmarked = { copies: 2, sameIdentifier: true, dupOfSecond: false };
assert.deepEqual(seen, { 'MQTT 3.1.1': unmarked, 'MQTT 5': unmarked });
JS
node show.mjs
