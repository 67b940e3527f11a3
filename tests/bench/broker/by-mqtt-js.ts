// A request and its answer as people meet them: MQTT.js at both ends, each in its own connection.
import type { Socket } from 'node:net';
import mqtt, { type MqttClient } from 'mqtt';
import { LOGIN, PAYLOAD, type Target } from './peer.js';
import { median } from './scenarios.js';

/** The median in µs, one after the other. */
export async function askedByMqttJs(target: Target, qos: 0 | 1, rounds: number): Promise<number> {
  const [asker, answerer] = await Promise.all([connect(target), connect(target)]);
  await asker.subscribeAsync('answer', { qos });
  await answerer.subscribeAsync('request', { qos });
  answerer.on('message', () => answerer.publish('answer', PAYLOAD, { qos }));
  let answered = (): void => undefined;
  asker.on('message', () => {
    answered();
  });
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const arrived = new Promise<void>((resolve) => (answered = resolve));
    asker.publish('request', PAYLOAD, { qos });
    await arrived;
    times.push((performance.now() - start) * 1000);
  }
  await Promise.all([asker.endAsync(true), answerer.endAsync(true)]);
  return median(times);
}

async function connect({ port, transport }: Target): Promise<MqttClient> {
  const scheme = transport === 'tcp' ? 'mqtt' : 'ws';
  const { user: username, password } = LOGIN;
  const path = transport === 'tcp' ? '' : '/mqtt';
  const client = await mqtt.connectAsync(`${scheme}://127.0.0.1:${String(port)}${path}`, {
    username,
    password,
  });
  // MQTT.js leaves Nagle's algorithm on.
  if (transport === 'tcp') (client.stream as Socket).setNoDelay(true);
  return client;
}
