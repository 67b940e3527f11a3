// What goes to one client in one turn of the event loop, joined into one write: a system call for every packet is what
// delivery to many costs most (DESIGN §7). Stands in for the stream's own `write`, so that the packets which aedes
// writes itself (acknowledgements, retained messages) keep their place among the others.
import type { Duplex } from 'node:stream';
import type { Traffic } from './broker-counters.js';
import { FrameScanner } from './frame-scanner.js';
import type { WriteTurn } from './write-turn.js';

/** Beyond this it is not worth waiting for the end of the turn, and memory would only grow. */
const FLUSH_BYTES = 64 * 1024;

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
  #owesDrain = false;

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
      // A last word (why a connection is refused, say) goes out before the end.
      if (!stream.destroyed) this.flush();
      return destroy(error);
    };
  }

  /** Bytes this process holds for the client. */
  get backlog(): number {
    return this.#pending + this.#stream.writableLength;
  }

  /** Whether who can wait should wait for `drain`. */
  get full(): boolean {
    return this.#pending + this.#stream.writableLength >= this.#stream.writableHighWaterMark;
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
    if (!this.#owesDrain) return;
    this.#owesDrain = false;
    // Otherwise the stream itself will say it.
    if (drained) this.#stream.emit('drain');
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

  /** A write by aedes. What it is told makes it wait for `drain`, which comes when the joined bytes are out. */
  #foreign(chunk: unknown, encoding: unknown): boolean {
    if (typeof chunk === 'string')
      this.#piece(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
    else if (chunk instanceof Uint8Array) this.#piece(chunk);
    if (!this.full) return true;
    this.#owesDrain = true;
    return false;
  }

  #piece(bytes: Uint8Array): void {
    const { packets } = this.#pieces;
    this.#pieces.scan(bytes);
    this.#traffic.packetsOut += this.#pieces.packets - packets;
    this.#gather(bytes, 0, 0);
  }
}
