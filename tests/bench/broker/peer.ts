// A client of the load generator: raw bytes over a socket, counted and not parsed, so that the broker is what is measured.
// All messages of a run have the same length; that makes counting a division.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connectPacket, publishPacket, subscribePacket } from '../../support/raw-mqtt.js';
import { WebSocketFrames, upgradeRequest } from './web-socket-frames.js';

export const PAYLOAD = 'x'.repeat(100);

export const LOGIN = { user: 'bench', password: 'measured' };

export interface Target {
  readonly port: number;
  readonly transport: 'tcp' | 'websocket';
}

/** Acknowledges a publish; the two bytes of its identifier are filled in. */
const PUBACK = Buffer.from([0x40, 2, 0, 0]);

export class Peer {
  readonly socket: Socket;
  readonly #frames: WebSocketFrames | undefined;
  #bytes = 0;
  #waiting: { readonly bytes: number; readonly resolve: () => void } | undefined;
  #onBytes: ((chunk: Buffer) => void) | undefined;

  private constructor(socket: Socket, transport: Target['transport']) {
    this.socket = socket;
    this.#frames = transport === 'websocket' ? new WebSocketFrames() : undefined;
    socket.on('data', (chunk) => {
      for (const part of this.#frames?.unwrap(chunk) ?? [chunk]) this.#received(part);
    });
  }

  /** Connected, with its CONNACK. */
  static async open(target: Target, clientId: string): Promise<Peer> {
    const socket = connect({ host: '127.0.0.1', port: target.port, noDelay: true });
    await once(socket, 'connect');
    if (target.transport === 'websocket') {
      socket.write(upgradeRequest());
      await once(socket, 'data');
    }
    const peer = new Peer(socket, target.transport);
    peer.send(connectPacket(clientId, { login: LOGIN, keepAliveS: 0 }));
    await peer.received(4);
    return peer;
  }

  /** Bytes since the last `reset`. */
  get bytes(): number {
    return this.#bytes;
  }

  send(bytes: Buffer): void {
    this.socket.write(this.#frames?.wrap(bytes) ?? bytes);
  }

  async subscribe(filter: string, qos: 0 | 1): Promise<void> {
    this.reset();
    this.send(subscribePacket(filter, qos));
    await this.received(5);
    this.reset();
  }

  reset(): void {
    this.#bytes = 0;
  }

  /** Resolves once so many bytes have come since the last `reset`. */
  async received(bytes: number): Promise<void> {
    if (this.#bytes >= bytes) return;
    await new Promise<void>((resolve) => (this.#waiting = { bytes, resolve }));
  }

  onBytes(listener: (chunk: Buffer) => void): void {
    this.#onBytes = listener;
  }

  /** Answers every QoS 1 message of `topic` from now on. */
  acknowledge(topic: string): void {
    const { length } = publishPacket({ topic, text: PAYLOAD, qos: 1 });
    const idAt = length - PAYLOAD.length - 2;
    let rest: Buffer = Buffer.alloc(0);
    this.onBytes((chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const count = Math.floor(bytes.length / length);
      const answers = Buffer.allocUnsafe(count * PUBACK.length);
      for (let index = 0; index < count; index++) {
        PUBACK.copy(answers, index * PUBACK.length);
        bytes.copy(answers, index * PUBACK.length + 2, index * length + idAt, index * length + idAt + 2);
      }
      rest = bytes.subarray(count * length);
      if (count > 0) this.send(answers);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#onBytes?.(chunk);
    const waiting = this.#waiting;
    if (waiting === undefined || this.#bytes < waiting.bytes) return;
    this.#waiting = undefined;
    waiting.resolve();
  }
}
