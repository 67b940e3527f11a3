// A WebSocket as the byte stream that the broker reads and writes: MQTT packets may lie in frames in any way, joined or cut
// (MQTT 3.1.1 §6.0).
import { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

interface Chunk {
  readonly chunk: Buffer;
}

export class WebSocketStream extends Duplex {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
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
    // The callback comes when the bytes left for the socket, so what waits is counted in writableLength.
    this.#socket.send(chunk, done);
  }

  /** What gathered while a frame was on its way goes out as one: a frame a packet costs a system call each. */
  override _writev(chunks: Chunk[], done: (error?: Error | null) => void): void {
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

  #received(data: RawData, isBinary: boolean): void {
    // Text frames are not MQTT [MQTT-6.0.0-1].
    if (!isBinary || !Buffer.isBuffer(data)) {
      this.destroy(new Error('MQTT over WebSocket needs binary frames'));
      return;
    }
    if (!this.push(data)) this.#socket.pause();
  }
}
