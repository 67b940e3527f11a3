// A client of the load generator: raw bytes over a socket, counted and not parsed, so that the broker is what is measured.
// All messages of a run have the same length; that makes counting a division.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connectPacket, publishPacket, subscribePacket } from '../../support/mqtt/raw-mqtt.js';
import { PLAIN, type Dialect } from './dialects.js';
import { WebSocketFrames, upgradeRequest } from './web-socket-frames.js';

export const PAYLOAD = 'x'.repeat(100);

export const LOGIN = { user: 'bench', password: 'measured' };

export interface Target {
  readonly port: number;
  readonly transport: 'tcp' | 'websocket';
}

/** Acknowledges a publish; the two bytes of its identifier are filled in. */
const PUBACK = Buffer.from([0x40, 2, 0, 0]);

interface Waiting {
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Peer {
  readonly socket: Socket;
  readonly #frames: WebSocketFrames | undefined;
  #bytes = 0;
  #waiting: Waiting | undefined;
  #onBytes: ((chunk: Buffer) => void) | undefined;

  private constructor(socket: Socket, transport: Target['transport']) {
    this.socket = socket;
    this.#frames = transport === 'websocket' ? new WebSocketFrames() : undefined;
    socket.on('data', (chunk) => {
      for (const part of this.#frames?.unwrap(chunk) ?? [chunk]) this.#received(part);
    });
    // Else a broker that ends a connection would let the bench wait for ever.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#waiting?.reject(new Error('the broker ended a connection'));
    });
  }

  /** Connected, with its CONNACK. */
  static async open(target: Target, clientId: string, keepAliveS = 0, dialect = PLAIN): Promise<Peer> {
    const socket = connect({ host: '127.0.0.1', port: target.port, noDelay: true });
    await once(socket, 'connect');
    if (target.transport === 'websocket') {
      socket.write(upgradeRequest());
      await once(socket, 'data');
    }
    const peer = new Peer(socket, target.transport);
    peer.send(
      connectPacket(clientId, {
        login: LOGIN,
        keepAliveS,
        version: dialect.version,
        properties: dialect.taken ?? [],
      }),
    );
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

  async subscribe(filter: string, qos: 0 | 1, { version }: Dialect = PLAIN): Promise<void> {
    this.reset();
    this.send(subscribePacket(filter, qos, 1, version === 5 ? [] : undefined));
    await this.received(version === 5 ? 6 : 5);
    this.reset();
  }

  reset(): void {
    this.#bytes = 0;
  }

  /** Resolves once so many bytes have come since the last `reset`. */
  async received(bytes: number): Promise<void> {
    if (this.#bytes >= bytes) return;
    if (this.socket.destroyed) throw new Error('the connection is closed');
    await new Promise<void>((resolve, reject) => (this.#waiting = { bytes, resolve, reject }));
  }

  onBytes(listener: (chunk: Buffer) => void): void {
    this.#onBytes = listener;
  }

  /** Answers every QoS 1 message of `topic` from now on. */
  acknowledge(topic: string, { properties }: Dialect = PLAIN): void {
    const own = properties === undefined ? {} : { properties };
    const { length } = publishPacket({ topic, text: PAYLOAD, qos: 1, ...own });
    const idAt = length - PAYLOAD.length - (properties === undefined ? 0 : 1 + properties.length) - 2;
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

  /** Calls back for every message that looks like `packet`, and acknowledges it where it has QoS 1. */
  onPublish(packet: Buffer, listener: () => void): void {
    const [first = 0] = packet;
    const idAt = packet.length - PAYLOAD.length - 2;
    let rest: Buffer = Buffer.alloc(0);
    this.onBytes((chunk) => {
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      // Everything else that comes is a PUBACK, of four bytes.
      for (;;) {
        const length = bytes[0] === first ? packet.length : PUBACK.length;
        if (bytes.length < length) break;
        if (bytes[0] === first) {
          if (first !== 0x30) this.send(Buffer.from([0x40, 2, bytes[idAt] ?? 0, bytes[idAt + 1] ?? 0]));
          listener();
        }
        bytes = bytes.subarray(length);
      }
      rest = bytes;
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
