// What goes to one client in one turn of the event loop, joined into one write: a system call for every packet is what
// delivery to many costs most. Stands in for the stream's own `write`, so that the packets which aedes
// writes itself (acknowledgements, retained messages) keep their place among the others.
import type { Duplex } from 'node:stream';
import type { Traffic } from '../counters/counters.js';
import { FrameScanner } from '../mqtt/frame-scanner.js';
import type { WriteTurn } from './write-turn.js';

/** Beyond this it is not worth waiting for the end of the turn, and memory would only grow. */
const FLUSH_BYTES = 64 * 1024;

/** Subscriptions whose retained messages wait for the client to read the ones before. */
const MOST_WAITING = 8;

/** What aedes writes is bounded elsewhere: here its packets are only counted. */
const ANY_SIZE = {
  maxPacketBytes: Number.POSITIVE_INFINITY,
  maxFirstPacketBytes: Number.POSITIVE_INFINITY,
  maxSubscribeBytes: Number.POSITIVE_INFINITY,
};

export interface WriterLimits {
  readonly maxWriteBufferBytes: number;
}

export class ClientWriter {
  readonly #stream: Duplex;
  readonly #turn: WriteTurn;
  readonly #limit: number;
  readonly #traffic: Traffic;
  readonly #overflow: () => void;
  /** aedes writes a packet in several pieces, one after the other. */
  readonly #pieces = new FrameScanner(ANY_SIZE);
  readonly #send: (bytes: Uint8Array) => boolean;
  #chunks: Uint8Array[] = [];
  /** Positions in the joined bytes and what goes there, in pairs. */
  #identifiers: number[] = [];
  #pending = 0;
  #waiting: (() => void)[] = [];

  /** Takes the stream's `write` over. `overflow` is called once more waits than the limit; nothing is taken then. */
  constructor(stream: Duplex, turn: WriteTurn, limits: WriterLimits, traffic: Traffic, overflow: () => void) {
    this.#stream = stream;
    this.#turn = turn;
    this.#limit = limits.maxWriteBufferBytes;
    this.#traffic = traffic;
    this.#overflow = overflow;
    this.#send = stream.write.bind(stream) as (bytes: Uint8Array) => boolean;
    stream.write = (chunk: unknown, encoding?: unknown): boolean => this.#foreign(chunk, encoding);
    const destroy = stream.destroy.bind(stream);
    stream.destroy = (error?: Error): Duplex => {
      // A last word (why a connection is refused, say) goes out before the end, whatever was written in the same turn:
      // mqtt-packet corks the stream until the next.
      if (!stream.destroyed) this.flush();
      while (stream.writableCorked > 0) stream.uncork();
      return destroy(error);
    };
    stream.on('drain', () => {
      this.#tellRoom();
    });
  }

  /** Bytes this process holds for the client. */
  get backlog(): number {
    return this.#pending + this.#stream.writableLength;
  }

  /** Whether who can wait should wait for room. */
  get full(): boolean {
    return this.backlog >= this.#stream.writableHighWaterMark;
  }

  /** Whether the client asks for more than it reads: it is not listened to for a while. */
  get isTooMuch(): boolean {
    return this.#waiting.length > MOST_WAITING || this.backlog > this.#limit / 2;
  }

  /**
   * Calls once, in a later turn, when it is no longer full; not at all when the connection ends before. Not the stream's
   * `drain`: what makes it full may still be gathered here, and a stream that was not full itself owes none.
   */
  whenRoom(call: () => void): void {
    this.#waiting.push(call);
    this.#tellRoom();
  }

  /** A whole packet. `bytes` are shared with other connections; `id` goes to `idAt` in a copy, unless that is 0. */
  write(bytes: Uint8Array, idAt = 0, id = 0): void {
    this.#traffic.packetsOut++;
    this.#gather(bytes, idAt, id);
  }

  #gather(bytes: Uint8Array, idAt: number, id: number): void {
    if (this.#chunks.length === 0) this.#turn.add(this);
    if (idAt !== 0) this.#identifiers.push(this.#pending + idAt, id);
    this.#chunks.push(bytes);
    this.#pending += bytes.length;
    if (this.#pending >= FLUSH_BYTES) this.flush();
  }

  /** Hands what has gathered to the stream. */
  flush(): void {
    if (this.#chunks.length === 0) return;
    const bytes = this.#joined();
    this.#discard();
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    const drained = this.#send(bytes);
    if (this.#stream.writableLength > this.#limit) {
      this.#overflow();
      return;
    }
    if (!drained) this.#turn.noteBacklog(this);
    this.#tellRoom();
  }

  /** Ends the connection for what it does not read. */
  giveUp(): void {
    this.#discard();
    this.#overflow();
  }

  #joined(): Uint8Array {
    if (this.#identifiers.length === 0) return this.#turn.join(this.#chunks, this.#pending);
    const bytes = Buffer.concat(this.#chunks, this.#pending);
    for (let index = 0; index < this.#identifiers.length; index += 2)
      bytes.writeUInt16BE(this.#identifiers[index + 1] ?? 0, this.#identifiers[index] ?? 0);
    return bytes;
  }

  #discard(): void {
    this.#chunks = [];
    if (this.#identifiers.length > 0) this.#identifiers = [];
    this.#pending = 0;
  }

  /**
   * A write by aedes. It is never told to wait for `drain`: what it calls then, it calls with an error when the client
   * leaves, and whoever waited in a stream of its own would throw that where nobody catches it.
   */
  #foreign(chunk: unknown, encoding: unknown): boolean {
    if (typeof chunk === 'string')
      this.#piece(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
    else if (chunk instanceof Uint8Array) this.#piece(chunk);
    return true;
  }

  #tellRoom(): void {
    if (this.#waiting.length === 0 || this.full) return;
    const calls = this.#waiting;
    this.#waiting = [];
    setImmediate(() => {
      if (this.#stream.destroyed) return;
      for (const call of calls) call();
    });
  }

  #piece(bytes: Uint8Array): void {
    const { packets } = this.#pieces;
    this.#pieces.scan(bytes);
    this.#traffic.packetsOut += this.#pieces.packets - packets;
    this.#gather(bytes, 0, 0);
  }
}
