// MQTT 3.1.1 packets written by hand to a raw socket: what no client library would send, and several in one segment.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { until } from './waiting.js';

function text(value: string): Buffer {
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
  };
  readonly login?: { readonly user: string; readonly password: string };
  /** In place of the flags that fit the rest. */
  readonly flags?: number;
}

export function connectPacket(clientId: string, options: RawConnect = {}): Buffer {
  const { clean = true, version = 4, protocol = 'MQTT', keepAliveS = 60, will, login } = options;
  const willFlags = will === undefined ? 0 : 4 | (will.qos << 3) | (will.retain === true ? 0x20 : 0);
  const flags = options.flags ?? (clean ? 2 : 0) | willFlags | (login === undefined ? 0 : 0xc0);
  const properties = version === 5 ? [Buffer.from([0])] : [];
  const texts = [clientId, will?.topic, will?.text, login?.user, login?.password];
  const payload = texts.filter((one) => one !== undefined).map(text);
  const head = Buffer.from([version, flags, keepAliveS >> 8, keepAliveS & 0xff]);
  return packet(0x10, text(protocol), head, ...properties, ...payload);
}

export interface RawPublish {
  readonly topic: string;
  readonly text: string;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
  readonly id?: number;
  readonly dup?: boolean;
}

export function publishPacket(publish: RawPublish): Buffer {
  const { topic, text: payload, qos = 0, retain = false, id = 1, dup = false } = publish;
  const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  const identifier = qos === 0 ? Buffer.alloc(0) : Buffer.from([id >> 8, id & 0xff]);
  return packet(first, text(topic), identifier, Buffer.from(payload));
}

export function subscribePacket(filter: string, qos: 0 | 1 | 2, id = 1): Buffer {
  return packet(0x82, Buffer.from([id >> 8, id & 0xff]), text(filter), Buffer.from([qos]));
}

/** PUBACK 4, PUBREC 5, PUBREL 6 (with its reserved bits), PUBCOMP 7. */
export function answerPacket(type: 4 | 5 | 6 | 7, id: number): Buffer {
  return Buffer.from([(type << 4) | (type === 6 ? 2 : 0), 2, id >> 8, id & 0xff]);
}

export class RawConnection {
  readonly socket: Socket;
  /** All bytes that came. */
  received = Buffer.alloc(0);
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
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

export async function openRaw(t: Pick<TestContext, 'after'>, port: number): Promise<RawConnection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return new RawConnection(socket);
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
