// A normative statement of MQTT 3.1.1, named by its tag, tried on our broker and on Mosquitto: a test that Mosquitto fails
// as well would be a mistake of the test.
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startBroker } from '../../../support/embedded-broker.js';
import { startMosquitto, withoutMosquitto } from '../../../support/mosquitto.js';
import {
  answerPacket,
  connectPacket,
  openRaw,
  openRawClient,
  publishPacket,
  subscribePacket,
} from '../../../support/raw-mqtt.js';
import type { RawConnect, RawConnection, RawPublish } from '../../../support/raw-mqtt.js';
import { packetsIn, publishesIn } from '../../../support/raw-packets.js';
import type { RawPacket, ReceivedPublish } from '../../../support/raw-packets.js';
import { until } from '../../../support/waiting.js';

export class Server {
  readonly #t: TestContext;
  readonly #port: number;

  constructor(t: TestContext, port: number) {
    this.#t = t;
    this.#port = port;
  }

  /** Connected on the socket's level only. */
  async socket(): Promise<RawConnection> {
    return openRaw(this.#t, this.#port);
  }

  /** A CONNECT was sent; its answer has not been waited for. */
  async connecting(clientId: string, options: RawConnect = {}): Promise<RawConnection> {
    const connection = await this.socket();
    connection.send(connectPacket(clientId, options));
    return connection;
  }

  async client(clientId: string, options: RawConnect = {}): Promise<RawConnection> {
    const connection = await this.connecting(clientId, options);
    await connection.bytes(4);
    return connection;
  }

  async subscriber(filter: string, qos: 0 | 1 | 2, options: RawConnect = {}): Promise<RawConnection> {
    const connection = await this.client(`reads-${filter}`, options);
    await subscribe(connection, filter, qos);
    return connection;
  }

  async publish(...messages: readonly RawPublish[]): Promise<void> {
    const publisher = await openRawClient(this.#t, this.#port, 'publishes');
    publisher.send(...messages.map((message) => publishPacket(message)));
    const answers = messages.filter(({ qos }) => qos === 1 || qos === 2).length;
    await publisher.bytes(4 + 4 * answers);
    const released = messages.filter(({ qos }) => qos === 2).map(({ id = 1 }) => answerPacket(6, id));
    // Mosquitto hands a QoS 2 message on only when it is released.
    publisher.send(...released);
    await publisher.bytes(4 + 4 * (answers + released.length));
    publisher.socket.end(Buffer.from([0xe0, 0]));
    await publisher.untilClosed();
  }
}

export async function subscribe(connection: RawConnection, filter: string, qos: 0 | 1 | 2): Promise<void> {
  const before = ofType(connection, 9).length;
  connection.send(subscribePacket(filter, qos));
  await until('the SUBACK', () => ofType(connection, 9).length > before);
}

export function ofType(connection: RawConnection, type: number): RawPacket[] {
  return packetsIn(connection.received).filter((packet) => packet.type === type);
}

export function publishes(connection: RawConnection): ReceivedPublish[] {
  return publishesIn(connection.received);
}

/** Waits for so many PUBLISH packets. */
export async function published(connection: RawConnection, count: number): Promise<ReceivedPublish[]> {
  await until(`${String(count)} messages`, () => publishes(connection).length >= count);
  return publishes(connection);
}

/** `notByMosquitto`: what Mosquitto does in its place. */
export function statement(
  name: string,
  run: (server: Server, t: TestContext) => Promise<void>,
  notByMosquitto?: string,
): void {
  void test(`${name}, by the embedded broker`, async (t) => {
    const { port } = await startBroker(t);
    await run(new Server(t, port), t);
  });
  void test(`${name}, by Mosquitto`, { skip: notByMosquitto ?? withoutMosquitto }, async (t) => {
    const { port } = await startMosquitto(t);
    await run(new Server(t, port), t);
  });
}
