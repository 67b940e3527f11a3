// Whatever stands behind a CONNECT, in however many and however large pieces, is read only when the login is decided: over
// TCP, TLS and WebSocket.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';
import { makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import { TcpDoor } from '../../../../gateway/broker/doors/tcp.js';
import { SystemClock } from '../../../../gateway/process/system-clock.js';
import { Certificates } from '../../../../gateway/tls/certificates.js';
import { TestAuthority, withoutOpenssl } from '../../../support/certificates.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import {
  answerPacket,
  connectPacket,
  publishPacket,
  subscribePacket,
} from '../../../support/mqtt/raw-mqtt.js';
import { packetsIn, publishesIn } from '../../../support/mqtt/raw-packets.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { startWebFor, type TestWeb } from '../../../support/web-server.js';
import { until } from '../../../support/waiting.js';

type Open = () => Promise<Duplex>;

interface World extends TestWeb {
  readonly open: Readonly<Record<'TCP' | 'TLS' | 'WebSocket', Open>>;
}

const CARRIERS = ['TCP', 'TLS', 'WebSocket'] as const;
const COMMAND = 'iot/greenhouse/device/lamp-1/command/on';

async function startWorld(t: TestContext): Promise<World> {
  const folder = await temporaryFolder(t);
  const passwordFile = join(folder, 'passwords');
  await writeFile(passwordFile, `alice:${await makeHash(Buffer.from('secret'))}\n`);
  const world = await startWebFor(t, await startBroker(t, {}, { passwordFile, anonymous: false }));
  const authority = new TestAuthority(folder);
  const files = { ...authority.sign('server', 'localhost'), clientCa: authority.certificate };
  const certificates = new Certificates(
    { ...files, certificateRequired: false, host: '127.0.0.1', mqttPort: 0, httpsPort: 0 },
    folder,
    world.log,
  );
  const door = new TcpDoor({
    host: '127.0.0.1',
    port: 0,
    log: world.log,
    clock: new SystemClock(),
    certificates,
    onConnection: (socket) => {
      world.broker.handle(socket);
    },
  });
  await certificates.start();
  await door.start();
  t.after(async () => door.stop());
  const ca = await readFile(authority.certificate);
  const opened = async (stream: Duplex, event: string): Promise<Duplex> => {
    t.after(() => stream.destroy());
    stream.on('error', () => undefined);
    await once(stream, event);
    return stream;
  };
  return {
    ...world,
    open: {
      TCP: async () => opened(connectTcp({ port: world.port, noDelay: true }), 'connect'),
      TLS: async () => opened(connectTls({ port: door.port, ca, servername: 'localhost' }), 'secureConnect'),
      WebSocket: async () => {
        const socket = new WebSocket(world.webSocketUrl, 'mqtt');
        await once(socket, 'open');
        const stream = createWebSocketStream(socket);
        stream.on('error', () => undefined);
        // Of itself it stays open while there is something to be sent.
        socket.once('close', () => stream.destroy());
        t.after(() => stream.destroy());
        return stream;
      },
    },
  };
}

const LOUD = Buffer.concat([
  subscribePacket('#', 1, 1),
  publishPacket({ topic: COMMAND, text: '{"args":{"on":true}}', qos: 1, id: 2 }),
  publishPacket({ topic: 'kept', text: 'by nobody', retain: true }),
  publishPacket({ topic: 'large', text: 'x'.repeat(100_000), qos: 2, id: 3 }),
  answerPacket(6, 3),
  Buffer.from([0xc0, 0]),
]);

/** CONNECT and LOUD cut in every way that matters: each list is one connection's writes. */
function cuts(connect: Buffer): Buffer[][] {
  const all = Buffer.concat([connect, LOUD]);
  const at = (...places: number[]): Buffer[] =>
    [0, ...places].map((start, index) => all.subarray(start, places[index] ?? all.length));
  const end = connect.length;
  return [
    [all],
    [connect, LOUD],
    at(1),
    at(end - 1),
    at(end + 1),
    at(end - 5, end + 3, end + 20),
    at(1, 2, end, end + 1, end + 2, end + 30, end + 200, end + 70_000),
    [...at(1, 2, 3, 4, 5, 6, 7, 8), ...Array.from({ length: 20 }, () => LOUD)],
  ];
}

async function send(stream: Duplex, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    stream.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function listenTo(stream: Duplex): { received: Buffer; closed: boolean } {
  const heard = { received: Buffer.alloc(0), closed: false };
  stream.on('data', (chunk: Buffer) => (heard.received = Buffer.concat([heard.received, chunk])));
  stream.on('close', () => (heard.closed = true));
  return heard;
}

for (const carrier of CARRIERS) {
  const skip = carrier === 'TLS' ? withoutOpenssl : false;
  void test(`nothing behind a CONNECT with a wrong password is read over ${carrier}`, { skip }, async (t) => {
    const { broker, open } = await startWorld(t);
    await broker.bus.publish({ topic: 'secret', payload: Buffer.from('7'), qos: 1, retain: true });
    const heard: string[] = [];
    await broker.bus.subscribe('#', 0, ({ topic }) => heard.push(topic));
    heard.length = 0;
    await broker.bus.subscribeBeforeAck(COMMAND, async () => {
      heard.push('a command was run');
      return Promise.resolve();
    });
    for (const login of [undefined, { user: 'alice', password: 'guess' }])
      for (const pieces of cuts(connectPacket('thief', login === undefined ? {} : { login }))) {
        const stream = await open[carrier]();
        const answer = listenTo(stream);
        await send(stream, pieces);
        await until('it is refused', () => answer.closed);
        const packets = packetsIn(answer.received);
        assert.ok(packets.every(({ type, body }) => type === 2 && body[1] === 5));
      }
    assert.deepEqual(heard, []);
    assert.equal(broker.stats().publishesIn, 0);
    assert.equal(broker.stats().subscriptions, 0);
  });

  void test(
    `everything behind a CONNECT that is let in is taken, in order, over ${carrier}`,
    { skip },
    async (t) => {
      const { broker, open } = await startWorld(t);
      await broker.bus.publish({ topic: 'known', payload: Buffer.from('7'), qos: 1, retain: true });
      const login = { user: 'alice', password: 'secret' };
      const many = Array.from({ length: 200 }, (_, index) =>
        publishPacket({ topic: 'many', text: String(index), qos: 1, id: index + 10 }),
      );
      for (const pieces of cuts(connectPacket('alice', { login })).slice(0, -1)) {
        const stream = await open[carrier]();
        const answer = listenTo(stream);
        await send(stream, [...pieces.slice(0, -1), Buffer.concat([...pieces.slice(-1), ...many])]);
        const acknowledged = (): number[] =>
          packetsIn(answer.received)
            .filter(({ type }) => type === 4)
            .map(({ body }) => body.readUInt16BE(0));
        await until('all are acknowledged', () => acknowledged().length === many.length + 1);
        assert.deepEqual(acknowledged(), [2, ...many.map((_, index) => index + 10)]);
        const types = (): number[] => packetsIn(answer.received).map(({ type }) => type);
        assert.equal(types()[0], 2);
        for (const type of [5, 7, 9, 13])
          await until(`a packet of type ${String(type)}`, () => types().includes(type));
        await until(
          'its own messages',
          () => publishesIn(answer.received).filter(({ topic }) => topic === 'many').length === 200,
        );
        stream.destroy();
        await until('it is gone', () => broker.stats().clients === 0);
      }
    },
  );
}
