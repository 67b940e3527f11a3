// MQTT packets written by hand to a raw socket: what no client library would send, and several in one segment.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { until } from '../waiting.js';

/** With its length before it. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** A fixed header that announces `length`, whatever follows it. */
export function header(first: number, length: number): Buffer {
  const bytes = [first];
  let rest = length;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return Buffer.from(bytes);
}

function packet(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([header(first, body.length), body]);
}

/** The properties of a packet of version 5 behind their length; nothing in one of 3.1.1. */
function section(properties: readonly number[] | undefined): Buffer[] {
  if (properties === undefined) return [];
  const [, ...length] = header(0, properties.length);
  return [Buffer.from([...length, ...properties])];
}

export interface RawConnect {
  readonly clean?: boolean;
  readonly version?: number;
  readonly protocol?: string;
  readonly keepAliveS?: number;
  readonly will?: {
    readonly topic: string;
    readonly text: string;
    readonly qos: 0 | 1 | 2;
    readonly retain?: boolean;
    /** Of version 5, without their length. */
    readonly properties?: readonly number[];
  };
  readonly login?: { readonly user: string; readonly password: string };
  /** Of version 5, without their length. */
  readonly properties?: readonly number[];
  /** In place of the flags that fit the rest. */
  readonly flags?: number;
}

export function connectPacket(clientId: string, options: RawConnect = {}): Buffer {
  const { clean = true, version = 4, protocol = 'MQTT', keepAliveS = 60, will, login } = options;
  const willFlags = will === undefined ? 0 : 4 | (will.qos << 3) | (will.retain === true ? 0x20 : 0);
  const flags = options.flags ?? (clean ? 2 : 0) | willFlags | (login === undefined ? 0 : 0xc0);
  const is5 = version === 5;
  const texts = (...some: readonly (string | undefined)[]): Buffer[] =>
    some.filter((one) => one !== undefined).map(text);
  const ofWill = [...section(is5 && will !== undefined ? (will.properties ?? []) : undefined)];
  const payload = [
    text(clientId),
    ...ofWill,
    ...texts(will?.topic, will?.text, login?.user, login?.password),
  ];
  const head = Buffer.from([version, flags, keepAliveS >> 8, keepAliveS & 0xff]);
  return packet(
    0x10,
    text(protocol),
    head,
    ...section(is5 ? (options.properties ?? []) : undefined),
    ...payload,
  );
}

export interface RawPublish {
  readonly topic: string;
  readonly text: string;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
  readonly id?: number;
  readonly dup?: boolean;
  /** Of version 5, without their length; absent in 3.1.1. */
  readonly properties?: readonly number[];
}

export function publishPacket(publish: RawPublish): Buffer {
  const { topic, text: payload, qos = 0, retain = false, id = 1, dup = false } = publish;
  const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  const identifier = qos === 0 ? Buffer.alloc(0) : Buffer.from([id >> 8, id & 0xff]);
  return packet(first, text(topic), identifier, ...section(publish.properties), Buffer.from(payload));
}

/** `options` are those of version 5 as well; `properties` are absent in 3.1.1. */
export function subscribePacket(
  filter: string,
  options: number,
  id = 1,
  properties?: readonly number[],
): Buffer {
  const head = Buffer.from([id >> 8, id & 0xff]);
  return packet(0x82, head, ...section(properties), text(filter), Buffer.from([options]));
}

export function unsubscribePacket(filter: string, id = 1, properties?: readonly number[]): Buffer {
  return packet(0xa2, Buffer.from([id >> 8, id & 0xff]), ...section(properties), text(filter));
}

/** PUBACK 4, PUBREC 5, PUBREL 6 (with its reserved bits), PUBCOMP 7. */
export function answerPacket(type: 4 | 5 | 6 | 7, id: number): Buffer {
  return Buffer.from([(type << 4) | (type === 6 ? 2 : 0), 2, id >> 8, id & 0xff]);
}

export class RawConnection {
  readonly socket: Socket;
  /** By which what comes is read. */
  readonly version: 4 | 5;
  /** All bytes that came. */
  received = Buffer.alloc(0);
  closed = false;

  constructor(socket: Socket, version: 4 | 5 = 4) {
    this.socket = socket;
    this.version = version;
    socket.on('data', (chunk) => (this.received = Buffer.concat([this.received, chunk])));
    socket.on('close', () => (this.closed = true));
    // A reset is one of the ways a broker ends a connection.
    socket.on('error', () => undefined);
  }

  /** One write, so one segment. */
  send(...packets: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(packets));
  }

  async untilClosed(): Promise<void> {
    await until('the connection to be closed', () => this.closed);
  }

  /** Waits for so many bytes in all. */
  async bytes(count: number): Promise<Buffer> {
    await until(`${String(count)} bytes`, () => this.received.length >= count);
    return this.received;
  }
}

export async function openRaw(
  t: Pick<TestContext, 'after'>,
  port: number,
  version: 4 | 5 = 4,
): Promise<RawConnection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return new RawConnection(socket, version);
}

/** A raw connection that has its CONNACK. */
export async function openRawClient(
  t: Pick<TestContext, 'after'>,
  port: number,
  clientId: string,
): Promise<RawConnection> {
  const connection = await openRaw(t, port);
  connection.send(connectPacket(clientId));
  await connection.bytes(4);
  return connection;
}
