// A WebSocket as the byte stream that the broker reads and writes: MQTT packets may lie in frames in any way, joined or cut
// (MQTT 3.1.1 §6.0).
import { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

/**
 * Of whoever has not been let in: a frame is gathered whole before the broker sees its packets' headers. Room for the
 * largest CONNECT, in however small frames.
 */
const MOST_UNANSWERED_BYTES = 256 * 1024;

interface Chunk {
  readonly chunk: Buffer;
}

export class WebSocketStream extends Duplex {
  readonly #socket: WebSocket;
  /** The connection below the frames, until the broker has answered. */
  #unanswered: Duplex | undefined;
  #unansweredBytes = 0;

  /** `connection` is what the socket reads from. */
  constructor(socket: WebSocket, connection: Duplex) {
    super();
    this.#socket = socket;
    this.#unanswered = connection;
    connection.on('data', this.#onUnanswered);
    socket.on('message', (data, isBinary) => {
      this.#received(data, isBinary);
    });
    socket.on('close', () => {
      this.push(null);
      this.destroy();
    });
    socket.on('error', (error) => {
      this.destroy(error);
    });
  }

  /** Must not push by itself: aedes reads again from within its parser, which is not re-entrant. */
  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#answered();
    // The callback comes when the bytes left for the socket, so what waits is counted in writableLength.
    this.#socket.send(chunk, done);
  }

  /** What gathered while a frame was on its way goes out as one: a frame a packet costs a system call each. */
  override _writev(chunks: Chunk[], done: (error?: Error | null) => void): void {
    this.#answered();
    this.#socket.send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.close();
    done();
  }

  /** At once: a peer that does not answer the close would keep its socket, uncounted. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.terminate();
    done(error);
  }

  readonly #onUnanswered = (chunk: Buffer): void => {
    this.#unansweredBytes += chunk.length;
    if (this.#unansweredBytes <= MOST_UNANSWERED_BYTES) return;
    this.destroy(new Error('a WebSocket sent too much before it was let in'));
  };

  /** The broker's first word is its CONNACK. */
  #answered(): void {
    this.#unanswered?.off('data', this.#onUnanswered);
    this.#unanswered = undefined;
  }

  #received(data: RawData, isBinary: boolean): void {
    // Text frames are not MQTT [MQTT-6.0.0-1].
    if (!isBinary || !Buffer.isBuffer(data)) {
      this.destroy(new Error('MQTT over WebSocket needs binary frames'));
      return;
    }
    if (!this.push(data)) this.#socket.pause();
  }
}
