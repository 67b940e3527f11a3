// A normative statement of MQTT, named by its tag, tried on our broker and on Mosquitto: a test that Mosquitto fails as well
// would be a mistake of the test. Its clients are raw connections of one version.
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { BrokerLimits } from '../../../gateway/broker/mqtt/limits.js';
import type { RecordingLog } from '../recording-log.js';
import { until } from '../waiting.js';
import { startBroker } from './embedded-broker.js';
import { startMosquitto, withoutMosquitto } from './mosquitto.js';
import { answerPacket, connectPacket, openRaw, publishPacket, subscribePacket } from './raw-mqtt.js';
import type { RawConnect, RawConnection, RawPublish } from './raw-mqtt.js';
import { packetsIn, publishesIn } from './raw-packets.js';
import type { RawPacket, ReceivedPublish } from './raw-packets.js';

const [CONNACK, PUBACK, PUBREC, PUBCOMP, SUBACK] = [2, 4, 5, 7, 9];

export class Server {
  readonly #t: TestContext;
  readonly port: number;
  readonly #version: 4 | 5;
  /** What the embedded broker says; Mosquitto's is not looked at. */
  readonly log: RecordingLog | undefined;

  constructor(t: TestContext, port: number, version: 4 | 5 = 4, log?: RecordingLog) {
    this.#t = t;
    this.port = port;
    this.#version = version;
    this.log = log;
  }

  /** Connected on the socket's level only. */
  async socket(): Promise<RawConnection> {
    return openRaw(this.#t, this.port, this.#version);
  }

  /** A CONNECT was sent; its answer has not been waited for. */
  async connecting(clientId: string, options: RawConnect = {}): Promise<RawConnection> {
    const connection = await this.socket();
    connection.send(connectPacket(clientId, { version: this.#version, ...options }));
    return connection;
  }

  async client(clientId: string, options: RawConnect = {}): Promise<RawConnection> {
    const connection = await this.connecting(clientId, options);
    await answers(connection, CONNACK, 1);
    return connection;
  }

  /** `options` are those of version 5 as well. */
  async subscriber(filter: string, options: number, connect: RawConnect = {}): Promise<RawConnection> {
    const connection = await this.client(`reads-${filter}`, connect);
    await subscribe(connection, filter, options);
    return connection;
  }

  /** By a client of its own, which is gone when all of it is acknowledged. */
  async publish(...messages: readonly RawPublish[]): Promise<void> {
    const publisher = await this.client('publishes');
    const properties = this.#version === 5 ? { properties: [] } : {};
    publisher.send(...messages.map((message) => publishPacket({ ...properties, ...message })));
    const released = messages.filter(({ qos }) => qos === 2).map(({ id = 1 }) => answerPacket(6, id));
    await answers(publisher, PUBACK, messages.filter(({ qos }) => qos === 1).length);
    await answers(publisher, PUBREC, released.length);
    // Mosquitto hands a QoS 2 message on only when it is released.
    publisher.send(...released);
    await answers(publisher, PUBCOMP, released.length);
    publisher.socket.end(Buffer.from([0xe0, 0]));
    await publisher.untilClosed();
  }
}

export async function subscribe(
  connection: RawConnection,
  filter: string,
  options: number,
  properties: readonly number[] = [],
): Promise<void> {
  const before = ofType(connection, SUBACK).length;
  const ofVersion5 = connection.version === 5 ? properties : undefined;
  connection.send(subscribePacket(filter, options, 1, ofVersion5));
  await answers(connection, SUBACK, before + 1);
}

export function ofType(connection: RawConnection, type: number): RawPacket[] {
  return packetsIn(connection.received).filter((packet) => packet.type === type);
}

/** Waits for so many packets of a type. */
export async function answers(connection: RawConnection, type: number, count: number): Promise<RawPacket[]> {
  await until(
    `${String(count)} packets of type ${String(type)}`,
    () => ofType(connection, type).length >= count,
  );
  return ofType(connection, type);
}

export function publishes(connection: RawConnection): ReceivedPublish[] {
  return publishesIn(connection.received, connection.version);
}

/** Waits for so many PUBLISH packets. */
export async function published(connection: RawConnection, count: number): Promise<ReceivedPublish[]> {
  await until(`${String(count)} messages`, () => publishes(connection).length >= count);
  return publishes(connection);
}

/** On the embedded broker alone. */
export async function onEmbedded(
  t: TestContext,
  version: 4 | 5,
  run: (server: Server) => Promise<void>,
  limits: Partial<BrokerLimits> = {},
): Promise<void> {
  const { port, log } = await startBroker(t, limits);
  await run(new Server(t, port, version, log));
}

export type Statement = (
  name: string,
  run: (server: Server, t: TestContext) => Promise<void>,
  /** What Mosquitto does in its place. */
  notByMosquitto?: string,
) => void;

export function statementOf(version: 4 | 5): Statement {
  return (name, run, notByMosquitto) => {
    void test(`${name}, by the embedded broker`, async (t) =>
      onEmbedded(t, version, async (server) => run(server, t)));
    void test(`${name}, by Mosquitto`, { skip: notByMosquitto ?? withoutMosquitto }, async (t) => {
      const mosquitto = await startMosquitto(t);
      try {
        await run(new Server(t, mosquitto.port, version), t);
      } finally {
        // Its orderly end takes three times as long as all else here.
        await mosquitto.kill();
      }
    });
  };
}
