#!/usr/bin/env bash
# ActiveMQ Artemis 2.40.0: in MQTT 5 a will without a delay is said when the session ends, not when the connection is lost.
#
# Guess:   a client with a session of ten minutes and a will "offline" is said to be offline when its connection is cut:
#          without a Will Delay Interval "there is no delay before the Will Message is published" (MQTT 5, 3.1.3.2.2).
# Happens: nothing is said for ten minutes, with a delay of 0 as well as without one. With a delay of 1 s the will is said
#          after 1 s. Whoever wants to know soon who is gone sets a delay of a second.
#
# Needs Java 17 and Maven.
set -euo pipefail
work=$(mktemp -d)
broker=
end() {
  [ -z "$broker" ] || { kill "$broker"; wait "$broker" || true; }
  rm -rf "$work"
}
trap end EXIT
cd "$work"
for program in java mvn; do command -v "$program" >/dev/null || { echo "$program is needed" >&2; exit 2; }; done
npm install --prefix . --no-save --silent --no-audit --no-fund mqtt@5.16.0 || exit 2

cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>findings</groupId>
  <artifactId>will</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.activemq</groupId>
      <artifactId>artemis-server</artifactId>
      <version>2.40.0</version>
    </dependency>
    <dependency>
      <groupId>org.apache.activemq</groupId>
      <artifactId>artemis-mqtt-protocol</artifactId>
      <version>2.40.0</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-nop</artifactId>
      <version>2.0.17</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib >mvn.log 2>&1 ||
  { cat mvn.log >&2; exit 2; }

cat >Broker.java <<'JAVA'
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;

public final class Broker {
  public static void main(String[] arguments) throws Exception {
    var configuration = new ConfigurationImpl()
        .setPersistenceEnabled(false)
        .setSecurityEnabled(false)
        .setJMXManagementEnabled(false)
        .addAcceptorConfiguration("mqtt", "tcp://127.0.0.1:" + arguments[0] + "?protocols=MQTT");
    new EmbeddedActiveMQ().setConfiguration(configuration).start();
    System.out.println("started");
  }
}
JAVA
port=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")
java -cp 'lib/*' Broker.java "$port" >broker.log 2>&1 &
broker=$!
until grep -q started broker.log; do
  sleep 0.2
  kill -0 "$broker" 2>/dev/null || { cat broker.log >&2; exit 2; }
done

cat >show.mjs <<'JS'
import assert from 'node:assert/strict';
import mqtt from 'mqtt';

const url = `mqtt://127.0.0.1:${process.argv[2]}`;
const watcher = await mqtt.connectAsync(url, { protocolVersion: 5 });
const said = [];
watcher.on('message', (topic) => said.push(topic.replace('offline/', '')));
await watcher.subscribeAsync('offline/+', { qos: 1 });

async function cut(clientId, sessionExpiryInterval, willDelayInterval) {
  const properties = willDelayInterval === undefined ? {} : { willDelayInterval };
  const client = await mqtt.connectAsync(url, {
    ...{ clientId, protocolVersion: 5, clean: false, reconnectPeriod: 0 },
    properties: { sessionExpiryInterval },
    will: { topic: `offline/${clientId}`, payload: 'gone', qos: 1, properties },
  });
  client.stream.destroy();
}

await cut('session of 10 min', 600);
await cut('session of 10 min, will delay 0 s', 600, 0);
await cut('session of 10 min, will delay 1 s', 600, 1);
await cut('session of 6 s', 6);
await new Promise((resolve) => setTimeout(resolve, 15_000));
await watcher.endAsync();
console.log('ActiveMQ Artemis 2.40.0, wills said within 15 s of a cut, in this order:', said);
assert.deepEqual(said, ['session of 10 min, will delay 1 s', 'session of 6 s']);
JS
node show.mjs "$port"
