#!/usr/bin/env bash
# Mosquitto 2.0.11 (Debian 12) with `message_size_limit`: it answers a larger message of MQTT 5 and QoS 1 with a reason code
# that PUBACK does not have.
#
# Guess:   what mosquitto.conf(5) says: a client of MQTT 3.1.1 gets its PUBACK and the message goes to nobody; a client of
#          MQTT 5 gets a PUBACK with "implementation specific error" (131), which its library reports for that message.
# Happens: the first is so. MQTT 5 gets 149, "packet too large", which is a reason of DISCONNECT and CONNACK and not one of
#          PUBACK's (MQTT 5, section 3.4.2.1): MQTT.js 5.16.0 raises "Invalid puback reason code" for the connection, and
#          cannot say which message was refused.
#
# Needs Debian 12's package sources: the packages are fetched and unpacked, not installed.
set -euo pipefail
work=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || kill "$broker"; rm -rf "$work"' EXIT
cd "$work"
command -v apt-get >/dev/null || { echo 'apt-get is needed (Debian 12)' >&2; exit 2; }
apt-get download -q mosquitto libcjson1 libdlt2 libev4 libwebsockets17 >apt.log 2>&1 || { cat apt.log >&2; exit 2; }
for package in ./*.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name 'libcjson.so*' | head -n 1)")
case $(dpkg-deb -f mosquitto_*.deb Version) in 2.0.11-*) ;; *) echo 'not Mosquitto 2.0.11' >&2; exit 2 ;; esac
npm install --prefix . --no-save --silent --no-audit --no-fund mqtt@5.16.0 mqtt-packet@9.0.2 || exit 2

port=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")
printf 'listener %s 127.0.0.1\nallow_anonymous true\nmessage_size_limit 1000\nuser root\n' "$port" >broker.conf
root/usr/sbin/mosquitto -c broker.conf >broker.log 2>&1 &
broker=$!
until grep -q running broker.log; do sleep 0.1; kill -0 "$broker"; done

cat >show.mjs <<'JS'
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import mqtt from 'mqtt';
import { generate } from 'mqtt-packet';

const port = Number(process.argv[2]);
const LARGE = Buffer.alloc(2000, 'x');

const listener = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
const delivered = [];
listener.on('message', (topic, payload) => delivered.push([topic, payload.length]));
await listener.subscribeAsync('#', { qos: 1 });

/** The bytes of the PUBACK for a large message. */
async function puback(protocolVersion) {
  const socket = connect(port, '127.0.0.1');
  const send = (packet) => socket.write(generate(packet, { protocolVersion }));
  const clientId = `sender-${protocolVersion}`;
  send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion, clean: true, keepalive: 0, clientId });
  await once(socket, 'data');
  send({ cmd: 'publish', topic: `large/${protocolVersion}`, payload: LARGE, qos: 1, messageId: 1 });
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  return [...bytes].join(' ');
}

async function raisedByMqttJs() {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, reconnectPeriod: 0 });
  client.publish('large/mqtt-js', LARGE, { qos: 1 });
  const [{ message }] = await once(client, 'error');
  client.end(true);
  return message;
}

const seen = { 'MQTT 3.1.1': await puback(4), 'MQTT 5': await puback(5), 'MQTT.js': await raisedByMqttJs() };
// What comes last has passed what came before.
await listener.publishAsync('small', 'x', { qos: 1 });
while (delivered.length === 0) await once(listener, 'message');
seen.delivered = delivered.join(' ');
await listener.endAsync();
console.log('Mosquitto 2.0.11, 2,000 bytes where 1,000 are allowed; PUBACK:', seen);
assert.deepEqual(seen, {
  'MQTT 3.1.1': '64 2 0 1',
  'MQTT 5': '64 3 0 1 149',
  'MQTT.js': 'Invalid puback reason code',
  delivered: 'small,1',
});
JS
node show.mjs "$port"
