// A WebSocket that sends bytes as they are, for what no MQTT client would do.
import type { TestContext } from 'node:test';
import { WebSocket, type ClientOptions } from 'ws';
import { connectPacket } from './raw-mqtt.js';
import { until } from '../waiting.js';

export class RawWebSocket {
  readonly socket: WebSocket;
  received = Buffer.alloc(0);
  closed = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => (this.received = Buffer.concat([this.received, data])));
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => undefined);
  }

  /** All packets in one frame. */
  send(...packets: readonly Buffer[]): void {
    this.socket.send(Buffer.concat(packets));
  }

  async untilClosed(): Promise<void> {
    await until('the WebSocket to be closed', () => this.closed);
  }

  async bytes(count: number): Promise<Buffer> {
    await until(`${String(count)} bytes`, () => this.received.length >= count);
    return this.received;
  }
}

/** Opened; rejects with the HTTP status when it is refused. */
export async function openWebSocket(
  t: Pick<TestContext, 'after'>,
  url: string,
  options: ClientOptions = {},
  protocols: string[] = ['mqtt'],
): Promise<RawWebSocket> {
  const socket = new WebSocket(url, protocols, options);
  t.after(() => {
    socket.terminate();
  });
  const raw = new RawWebSocket(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      reject(new Error(`refused with ${String(response.statusCode)}`));
    });
  });
  return raw;
}

/** A WebSocket that has its CONNACK. */
export async function openWebSocketClient(
  t: Pick<TestContext, 'after'>,
  url: string,
  clientId: string,
): Promise<RawWebSocket> {
  const raw = await openWebSocket(t, url);
  raw.send(connectPacket(clientId));
  await raw.bytes(4);
  return raw;
}
