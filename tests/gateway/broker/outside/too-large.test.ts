// A message that an outside broker does not take for its size: said to whom it concerns, and never in the way of others.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { AnswerSlots } from '../../../../bridge/messages/answer-slots.js';
import { History } from '../../../../bridge/history/history.js';
import { Outlet, REPLY } from '../../../../bridge/messages/outlet.js';
import { Requests } from '../../../../bridge/requests/requests.js';
import { packetBytes } from '../../../../gateway/broker/outside/outgoing/size-limit.js';
import type { Message } from '../../../../shared/ports.js';
import type { IncomingSample } from '../../../../shared/sample.js';
import { Topics } from '../../../../shared/topics.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mqtt/mosquitto.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startOutside, type TestOutside } from '../../../support/mqtt/outside-broker.js';
import { packetsIn, type RawPacket } from '../../../support/mqtt/raw-packets.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { openStore } from '../../store/open-store.js';
import { until } from '../../../support/waiting.js';

function message(topic: string, bytes: number, more: Partial<Message> = {}): Message {
  return { topic, payload: Buffer.alloc(bytes, 'x'), qos: 1, retain: false, ...more };
}

const configuration =
  (line: string) =>
  (port: number): string =>
    `listener ${String(port)} 127.0.0.1\nallow_anonymous true\n${line}\n`;

/** To the byte: what is one byte larger is not sent, and so ends nothing. */
void test('the limit that a broker tells is kept to, by bytes', { skip: withoutMosquitto }, async (t) => {
  const { url } = await startMosquitto(t, configuration('max_packet_size 2000'));
  const { outside } = await startOutside(t, url);
  const heard = await connectClient(t, url);
  await heard.subscribe('a/°', 1);
  const room = 2000 - packetBytes(message('a/°', 0)) - 1;
  await outside.bus.publish(message('a/°', room));
  assert.equal((await heard.message('a/°')).text.length, room);
  const degrees = { payload: Buffer.from('°'.repeat(1000)) };
  await assert.rejects(outside.bus.publish(message('a/°', 0, degrees)), { code: 'too_large' });
  await assert.rejects(outside.bus.publish(message('a/°', room + 1)), { code: 'too_large' });
  await outside.bus.publish(message('b', 1));
  assert.equal(outside.stats().connects, 1);
  assert.equal(outside.stats().largestPacket, 2000);
});

void test(
  'what waited since before the limit was known does not end the connection',
  { skip: withoutMosquitto },
  async (t) => {
    const mosquitto = await startMosquitto(t, configuration('max_packet_size 2000'));
    await mosquitto.stop();
    const { outside } = await startOutside(t, mosquitto.url);
    const large = assert.rejects(outside.bus.publish(message('large', 5000)), { code: 'too_large' });
    const small = outside.bus.publish(message('small', 5));
    await mosquitto.start();
    await Promise.all([large, small]);
    assert.equal(outside.stats().connects, 1);
  },
);

void test(
  'a broker that refuses a message for its size in its acknowledgement is believed',
  { skip: withoutMosquitto },
  async (t) => {
    const { url } = await startMosquitto(t, configuration('message_size_limit 2000'));
    const { outside } = await startOutside(t, url);
    await assert.rejects(outside.bus.publish(message('large', 5000)), { code: 'too_large' });
    await outside.bus.publish(message('small', 1000));
    // MQTT.js does not understand this acknowledgement: the connection ends for it, once.
    assert.equal(outside.stats().connects, 2);
  },
);

interface Stub {
  readonly url: string;
  /** Bytes of the packets that it hung up on. */
  readonly refused: number[];
}

/** MQTT 3.1.1 as brokers are that only hang up (NATS, Moquette): none of Debian's does. */
/** Every filter is granted with QoS 1. */
function subackOf(body: Buffer): Buffer {
  const granted: number[] = [];
  for (let at = 2; at < body.length; at += body.readUInt16BE(at) + 3) granted.push(1);
  return Buffer.from([0x90, 2 + granted.length, body.readUInt8(0), body.readUInt8(1), ...granted]);
}

async function hangsUpAt(t: TestContext, most: number): Promise<Stub> {
  const refused: number[] = [];
  const serve = (socket: Socket): void => {
    let received = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const packets = packetsIn(received);
      const whole = packets.at(-1);
      if (whole !== undefined)
        received = received.subarray(whole.body.byteOffset - received.byteOffset + whole.body.length);
      for (const packet of packets) answer(socket, packet);
    });
  };
  const answer = (socket: Socket, { type, flags, body }: RawPacket): void => {
    if (socket.destroyed) return;
    // The protocol's level stands behind its name.
    if (type === 1) socket.write(Buffer.from([0x20, 2, 0, body[6] === 5 ? 1 : 0]));
    if (type === 8) socket.write(subackOf(body));
    if (type === 12) socket.write(Buffer.from([0xd0, 0]));
    if (type !== 3) return;
    if (body.length > most) {
      refused.push(body.length);
      socket.destroy();
    } else if ((flags & 6) !== 0) {
      const at = 2 + body.readUInt16BE(0);
      socket.write(Buffer.from([0x40, 2, body.readUInt8(at), body.readUInt8(at + 1)]));
    }
  };
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `mqtt://127.0.0.1:${String(address.port)}`, refused };
}

const connectedTwice = ({ outside }: TestOutside): boolean => outside.stats().connects === 2;

void test('a broker that only hangs up does so once on a message, and what is behind it goes out', async (t) => {
  const { url, refused } = await hangsUpAt(t, 8000);
  const made = await startOutside(t, url);
  const { outside } = made;
  await outside.bus.publish(message('before', 3000));
  const large = assert.rejects(outside.bus.publish(message('large', 20_000)), { code: 'too_large' });
  const behind = Promise.all(
    [1, 2, 3].map(async (n) => outside.bus.publish(message(`behind/${String(n)}`, 10))),
  );
  await Promise.all([large, behind]);
  assert.equal(refused.length, 1);
  // Learned: not even tried.
  await assert.rejects(outside.bus.publish(message('as large', 19_000)), { code: 'too_large' });
  await outside.bus.publish(message('half', 7000));
  assert.equal(refused.length, 1);
  assert.ok(connectedTwice(made));
});

void test('a large QoS 0 message that nobody acknowledges is found out as well', async (t) => {
  const { url, refused } = await hangsUpAt(t, 8000);
  const made = await startOutside(t, url);
  const { outside } = made;
  await outside.bus.publish(message('before', 10));
  await outside.bus.publish(message('health', 20_000, { qos: 0, retain: true }));
  await until('the next connection', () => connectedTwice(made));
  await assert.rejects(outside.bus.publish(message('health', 20_000, { qos: 0, retain: true })), {
    code: 'too_large',
  });
  assert.equal(refused.length, 1);
});

void test(
  'a broker that was away is not taken for one that refused what was under way',
  { skip: withoutMosquitto },
  async (t) => {
    const mosquitto = await startMosquitto(t);
    const { outside } = await startOutside(t, mosquitto.url);
    const heard = outside.stats().connects;
    await mosquitto.stop();
    const sent = outside.bus.publish(message('large', 100_000));
    await mosquitto.start();
    await sent;
    assert.equal(outside.stats().connects, heard + 1);
    assert.equal(outside.stats().largestPacket, undefined);
  },
);

void test(
  'who asked is told that the answer is too large, on the topic of the answer',
  { skip: withoutMosquitto },
  async (t) => {
    const { url } = await startMosquitto(t, configuration('max_packet_size 2000'));
    const { outside } = await startOutside(t, url);
    const log = new RecordingLog();
    const topics = new Topics('iot', 'greenhouse');
    const outlet = new Outlet(outside.bus, log);
    const requests = new Requests({
      ...{
        clock: new FakeClock(),
        messages: outside.bus,
        outlet,
        topics,
        log,
        slots: new AnswerSlots(),
        newId: () => 'own',
      },
      handlers: new Map([['dump', () => Promise.resolve('x'.repeat(3000))]]),
    });
    await requests.start();
    const client = await connectClient(t, url);
    await client.subscribe(topics.response('dump'), 1);
    await client.publish(topics.request('dump'), '{"id":"q"}', { qos: 1 });
    const answer = JSON.parse((await client.message(topics.response('dump'))).text) as Record<
      string,
      unknown
    >;
    assert.deepEqual([answer['id'], answer['status']], ['q', 'error']);
    assert.equal((answer['error'] as { code: string }).code, 'too_large');
    assert.deepEqual([outlet.counts().tooLarge, log.saying('was not sent').length], [1, 1]);
    await outlet.sent('other', Buffer.from('x'), REPLY);
  },
);

void test(
  'a history that the broker would not take in one answer comes in pages that it takes',
  { skip: withoutMosquitto },
  async (t) => {
    const { url } = await startMosquitto(t, configuration('max_packet_size 8092'));
    const { outside } = await startOutside(t, url);
    const { store } = await openStore(t);
    const sample = (seq: number): IncomingSample => {
      const values = { wind: `${'°'.repeat(100)}${String(seq)}` };
      return {
        gateway: 'greenhouse',
        device: 'station',
        ts: 1000 + seq,
        values,
        identity: { boot: 'b', seq },
      };
    };
    await store.outbox.append(Array.from({ length: 100 }, (_, seq) => sample(seq)));
    let questions = 0;
    // What the broker takes is not known at first, as of one of MQTT 3.1.1: found out, the answer is made anew.
    const largest = (): number | undefined => (++questions === 1 ? undefined : outside.largestMessage);
    const history = new History(store.outbox, store.history, new FakeClock(), largest);
    const log = new RecordingLog();
    const topics = new Topics('iot', 'greenhouse');
    const requests = new Requests({
      ...{ clock: new FakeClock(), messages: outside.bus, outlet: new Outlet(outside.bus, log), topics, log },
      ...{ slots: new AnswerSlots(), newId: () => 'own' },
      handlers: new Map([['history', (data: unknown) => history.answer(data)]]),
    });
    await requests.start();
    const client = await connectClient(t, url);
    await client.subscribe(topics.response('history'), 1);
    const seen: number[] = [];
    let after: string | undefined = '';
    for (let page = 1; after !== undefined; page += 1) {
      const asked: string = JSON.stringify({ id: String(page), device: 'station', from: 0, to: 5000, after });
      await client.publish(topics.request('history'), asked, { qos: 1 });
      const [{ text }] = await until('the page', () =>
        client.received.length === page ? ([client.received[page - 1]] as [{ text: string }]) : undefined,
      );
      const { data } = JSON.parse(text) as { data: { samples: { seq: number }[]; next?: string } };
      seen.push(...data.samples.map(({ seq }) => seq));
      after = data.next;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 100 }, (_, seq) => seq),
    );
    assert.ok(client.received.length > 2);
    assert.equal(outside.stats().connects, 1);
  },
);
