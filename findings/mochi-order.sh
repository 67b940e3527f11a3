#!/usr/bin/env bash
# mochi-mqtt 2.7.9: what waited for a session that was away is handed over out of order.
#
# Guess:   messages of QoS 1 on one topic reach a subscriber in the order in which they were sent [MQTT-4.6.0-6], also those
#          that waited: the last one heard is the last one said.
# Happens: they wait in a Go map and are sorted by the second in which they came (Inflight.GetAll); within a second the
#          order is the map's, another one each time. "off" sent after "on" may arrive before it.
#
# Needs Go.
set -euo pipefail
work=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || kill "$broker"; chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || { echo 'Go is needed' >&2; exit 2; }
npm install --prefix . --no-save --silent --no-audit --no-fund mqtt@5.16.0 || exit 2

cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	server := mqtt.New(nil)
	must(server.AddHook(new(auth.AllowHook), nil))
	tcp := listeners.NewTCP(listeners.Config{ID: "tcp", Address: "127.0.0.1:0"})
	must(server.AddListener(tcp))
	must(server.Serve())
	fmt.Fprintln(os.Stderr, tcp.Address())
	select {}
}
GO
{ go mod init finding && go get github.com/mochi-mqtt/server/v2/hooks/auth@v2.7.9 && go build -o broker .; } >go.log 2>&1 ||
  { cat go.log >&2; exit 2; }
./broker >broker.log 2>address &
broker=$!
until [ -s address ]; do sleep 0.1; kill -0 "$broker"; done

cat >show.mjs <<'JS'
import assert from 'node:assert/strict';
import mqtt from 'mqtt';

const url = `mqtt://${process.argv[2]}`;
const session = { clientId: 'pump', clean: false, reconnectPeriod: 0 };
const SENT = Array.from({ length: 20 }, (_, number) => number);

const before = await mqtt.connectAsync(url, session);
await before.subscribeAsync('pump/set', { qos: 1 });
await before.endAsync();
const sender = await mqtt.connectAsync(url);
for (const number of SENT) await sender.publishAsync('pump/set', String(number), { qos: 1 });
await sender.endAsync();

const received = [];
const back = mqtt.connect(url, session);
await new Promise((resolve) => {
  back.on('message', (_, payload) => {
    received.push(Number(payload));
    if (received.length === SENT.length) resolve();
  });
});
await back.endAsync();
console.log(`mochi-mqtt 2.7.9, sent 0 to ${SENT.at(-1)} one after the other, received:`, received.join(' '));
assert.deepEqual(received.toSorted((a, b) => a - b), SENT, 'each once');
assert.notDeepEqual(received, SENT, 'in order');
JS
node show.mjs "$(cat address)"
