// The connection to an outside broker when it is bad: away, lost, refused, silent. Against Mosquitto.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { parseBrokerUrl } from '../../../../gateway/broker/outside/link/broker-url.js';
import type { Message, QoS } from '../../../../shared/ports.js';
import { startOldBroker } from '../../../support/mqtt/old-broker.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { connectClient, type TestClient } from '../../../support/mqtt/client.js';
import {
  outsideBroker,
  startOutside,
  STATUS_TOPIC,
  type TestOutside,
} from '../../../support/mqtt/outside-broker.js';
import { startProxy, type TcpProxy } from '../../../support/tcp-proxy.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';
import { startWeb } from '../../../support/web-server.js';

function message(topic: string, text: string, qos: QoS = 1): Message {
  return { topic, payload: Buffer.from(text), qos, retain: false };
}

const textOf = ({ payload }: Message): string => Buffer.from(payload).toString();

interface Behind extends TestOutside {
  readonly proxy: TcpProxy;
  /** Connected to Mosquitto itself. */
  readonly client: TestClient;
}

/** The gateway connected to Mosquitto over a wire that can be cut. */
async function behindProxy(t: TestContext): Promise<Behind> {
  const mosquitto = await startMosquitto(t);
  const proxy = await startProxy(t, mosquitto.port);
  const client = await connectClient(t, mosquitto.url);
  const made = await startOutside(t, `mqtt://127.0.0.1:${String(proxy.port)}`);
  return { ...made, proxy, client };
}

const connected = ({ outside }: TestOutside): boolean => outside.stats().connected;

void describe('an outside broker', { skip: withoutMosquitto }, () => {
  losses();
  restarts();
  refusals();
});

function losses(): void {
  void test('hears online, and publishes offline by itself when the gateway is cut off', async (t) => {
    const { proxy, client } = await behindProxy(t);
    await client.subscribe(STATUS_TOPIC, 1);
    await client.texts(1);
    proxy.refuse(true);
    proxy.cut();
    await client.texts(2);
    proxy.refuse(false);
    assert.deepEqual((await client.texts(3)).slice(0, 3), ['online', 'offline', 'online']);
  });

  void test('hears offline once at a proper stop, after everything that waited', async (t) => {
    const { outside, client } = await behindProxy(t);
    await client.subscribe('#', 1);
    await client.message(STATUS_TOPIC);
    const last = outside.bus.publish(message('last', 'words'));
    await outside.stop();
    await last;
    await client.publish('end', '', { qos: 1 });
    await client.message('end');
    const topics = client.received.map(({ topic, text }) => `${topic} ${text}`);
    assert.deepEqual(topics, [`${STATUS_TOPIC} online`, 'last words', `${STATUS_TOPIC} offline`, 'end ']);
  });

  void test('gets what was published while the connection was away, in order, and the gateway gets what it missed', async (t) => {
    const made = await behindProxy(t);
    const { outside, proxy, client } = made;
    await client.subscribe('out', 1);
    const heard: string[] = [];
    await outside.bus.subscribe('in', 1, (received) => heard.push(textOf(received)));
    for (let round = 0; round < 5; round++) {
      proxy.refuse(true);
      proxy.cut();
      await until('the loss to be noticed', () => !connected(made));
      const sent = ['a', 'b', 'c'].map(async (letter) =>
        outside.bus.publish(message('out', letter + String(round))),
      );
      for (const letter of ['x', 'y']) await client.publish('in', letter + String(round), { qos: 1 });
      proxy.refuse(false);
      await Promise.all(sent);
      await until('what was missed', () => new Set(heard).size === 2 * (round + 1));
    }
    // A cut may also lose an acknowledgement: then a message comes twice, never not at all, never out of order.
    const once = (texts: readonly string[]): string[] => [...new Set(texts)];
    const rounds = [0, 1, 2, 3, 4].map(String);
    assert.deepEqual(
      once(heard),
      rounds.flatMap((round) => [`x${round}`, `y${round}`]),
    );
    await until('all', () => once(client.received.map(({ text }) => text)).length === 15);
    assert.deepEqual(
      once(await client.texts(15)),
      rounds.flatMap((round) => [`a${round}`, `b${round}`, `c${round}`]),
    );
  });

  void test('is told again what was under way when the connection broke', async (t) => {
    const { outside, proxy, client } = await behindProxy(t);
    await client.subscribe('out', 1);
    proxy.freeze();
    const sent = ['a', 'b', 'c'].map(async (text) => outside.bus.publish(message('out', text)));
    await until('all to be under way', () => outside.stats().waiting === 3);
    proxy.cut();
    await Promise.all(sent);
    assert.deepEqual(await client.texts(3), ['a', 'b', 'c']);
  });
}

function restarts(): void {
  void test('sends again after the restart what the gateway had not taken when it stopped', async (t) => {
    const { url } = await startMosquitto(t);
    const client = await connectClient(t, url);
    const first = await startOutside(t, url);
    let begun = false;
    const unsubscribe = await first.outside.bus.subscribeBeforeAck('t/+', async () => {
      begun = true;
      return new Promise(() => undefined);
    });
    await client.publish('t/1', 'begun', { qos: 1 });
    await until('the handler', () => begun);
    // As the gateway stops: the door, then who listened, then the broker.
    await first.outside.door.stop();
    await unsubscribe();
    await first.outside.stop();
    await client.publish('t/2', 'while away', { qos: 1 });
    const second = outsideBroker(url);
    t.after(async () => second.outside.stop());
    const taken: string[] = [];
    await second.outside.bus.subscribeBeforeAck('t/+', async (received) => {
      taken.push(textOf(received));
      return Promise.resolve();
    });
    await second.outside.start();
    await second.outside.door.start();
    await until('both', () => taken.length === 2);
    assert.deepEqual(taken, ['begun', 'while away']);
  });

  void test('is not held up by a handler that publishes before it lets the acknowledgement go', async (t) => {
    const { outside, client } = await behindProxy(t);
    await client.subscribe('reply', 1);
    await outside.bus.subscribeBeforeAck('command', async (command) =>
      outside.bus.publish(message('reply', textOf(command))),
    );
    for (let round = 0; round < 50; round++) await client.publish('command', String(round), { qos: 1 });
    assert.equal((await client.texts(50)).length, 50);
  });
}

function refusals(): void {
  void test('that is away at the start is said once, and used when it comes', async (t) => {
    const mosquitto = await startMosquitto(t);
    await mosquitto.stop();
    const made = await startOutside(t, mosquitto.url);
    const sent = made.outside.bus.publish(message('early', 'x'));
    await until('some more tries', () => made.log.saying('cannot be reached').length > 3);
    const said = made.log.lines.filter(({ level }) => level === 'warn');
    assert.equal(said.length, 1);
    assert.equal(said[0]?.fields['code'], 'broker_unreachable');
    await mosquitto.start();
    await sent;
    assert.equal(made.log.saying('connected to the outside broker').length, 1);
  });

  void test('that refuses the password is said once, without the password', async (t) => {
    const folder = await temporaryFolder(t);
    const passwords = join(folder, 'passwords');
    await writeFile(passwords, '');
    execFileSync('mosquitto_passwd', ['-b', passwords, 'gateway', 'right']);
    const { port } = await startMosquitto(
      t,
      (free) => `listener ${String(free)} 127.0.0.1\npassword_file ${passwords}\n`,
    );
    const wrong = await startOutside(t, `mqtt://gateway:wr0ng@127.0.0.1:${String(port)}`);
    await until('another try', () => wrong.log.saying('refuses the user or password').length > 1);
    assert.equal(wrong.log.lines.filter(({ level }) => level === 'warn').length, 1);
    assert.doesNotMatch(JSON.stringify(wrong.log.lines), /wr0ng/);
    const right = await startOutside(t, `mqtt://gateway:right@127.0.0.1:${String(port)}`, 'other');
    await right.outside.bus.publish(message('a', 'x'));
  });

  void test('that forbids a topic rejects the publish with forbidden and takes the next', async (t) => {
    const folder = await temporaryFolder(t);
    const acl = join(folder, 'acl');
    await writeFile(acl, 'topic readwrite allowed/#\n');
    const conf = (free: number): string =>
      `listener ${String(free)} 127.0.0.1\nallow_anonymous true\nacl_file ${acl}\n`;
    const { url } = await startMosquitto(t, conf);
    const { outside } = await startOutside(t, url);
    await assert.rejects(outside.bus.publish(message('other', 'x')), { code: 'forbidden' });
    await outside.bus.publish(message('allowed/a', 'x'));
  });

  void test('that has gone silent does not keep the gateway from stopping', async (t) => {
    const { outside, proxy } = await behindProxy(t);
    proxy.freeze();
    const unanswered = assert.rejects(outside.bus.publish(message('a', 'x')), { code: 'closed' });
    await outside.door.stop();
    await outside.stop();
    await unanswered;
  });

  void test('is reached by browsers through the gateway', async (t) => {
    const { url } = await startMosquitto(t);
    const { outside } = await startOutside(t, url);
    const onMqttSocket = outside.handle.bind(outside);
    const { webSocketUrl } = await startWeb(t, {}, { onMqttSocket });
    const browser = await connectClient(t, webSocketUrl);
    await browser.subscribe('a', 1);
    await outside.bus.publish(message('a', 'through'));
    assert.deepEqual(await browser.texts(1), ['through']);
  });
}

void test('a broker that speaks MQTT 3.1.1 only is found out without a complaint', async (t) => {
  const { url } = await startOldBroker(t);
  const { log, outside } = await startOutside(t, url);
  await outside.bus.publish(message('a', 'x'));
  assert.equal(log.saying('connected to the outside broker')[0]?.fields['version'], 4);
  assert.deepEqual(outside.versions.names, ['3.1.1']);
  assert.deepEqual(
    log.lines.filter(({ level }) => level === 'warn'),
    [],
  );
});

void test('the address of a broker is checked before anything is tried', () => {
  for (const text of ['', 'localhost', 'http://localhost', 'mqtt://', 'mqtt:1883'])
    assert.throws(() => parseBrokerUrl(text), { code: 'broker_unreachable' }, text);
  const { address, hostname, port, username, password } = parseBrokerUrl('mqtts://me:p%40ss@[::1]');
  assert.deepEqual(
    [address, hostname, port, username, password],
    ['mqtts://[::1]', '::1', 8883, 'me', 'p@ss'],
  );
});
