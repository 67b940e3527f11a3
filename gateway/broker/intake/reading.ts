// Who reads when: the one place where what a client sent is taken off its stream, a packet at a time, and the one place that
// is asked whether the next may be. aedes' own reading is switched off: it reads on while the login is being decided, and
// each 'readable' makes it forget one of the packets it has in hand, so that nothing ever waits in the client's socket.
import type { Duplex } from 'node:stream';
import type { AedesClient } from '../mqtt/aedes-client.js';
import type { Traffic } from '../counters/counters.js';
import type { Breach } from '../doors/unread-guard.js';
import { FrameScanner, packetEnd } from '../mqtt/frame-scanner.js';
import type { FrameLimits } from '../mqtt/frame-scanner.js';
import type { HeldConnections } from '../doors/held-connections.js';
import type { ReadingTurns } from './reading-turns.js';

/**
 * `before_login`: the CONNECT is taken and nothing behind it, in however many pieces it comes, until it is decided and the
 * session is restored. `open`: packets are taken as they come. `held`: by what is still in hand (a message that waits
 * for the disk, or for its turn in the client's rate; all of it, where the client's goodbye is next). `unread`: the client does not read what it asked for.
 * `resting`: enough was taken in this turn of the event loop. `closing`: nothing is taken any more.
 */
export type ReadingState = 'before_login' | 'open' | 'held' | 'unread' | 'resting' | 'closing';

/** Takes packets off the bytes before they are parsed; returns what is left. */
export interface Lane {
  read(chunk: Buffer): Buffer | null;
}

/** What waits for the client to read. */
export interface Unread {
  readonly isTooMuch: boolean;
  whenRoom(call: () => void): void;
}

export interface ReadingParts {
  readonly client: AedesClient;
  readonly stream: Duplex;
  readonly limits: FrameLimits;
  readonly traffic: Traffic;
  readonly held: HeldConnections;
  readonly turns: ReadingTurns;
  /** Ends the connection. */
  readonly end: (breach: Breach) => void;
  /** Packets that aedes may have in hand at once. */
  readonly mostInHand: number;
  readonly lane?: Lane;
  readonly unread?: Unread;
  /** What is in hand waits for answers of the client, so that these must be read, and a goodbye in their place. */
  readonly awaitsClient?: () => boolean;
}

/** Bytes that aedes may have in hand before another packet is begun. */
const MOST_BYTES_IN_HAND = 64 * 1024;
/** Taken off the stream at once: as much as libuv reads at once. */
const READ_BYTES = 64 * 1024;
/** A packet for aedes counts as much: a SUBSCRIBE that is refused is short, and costs more than a long message. */
const SHARE_OF_PACKET_BYTES = 4096;
const DISCONNECT = 14;
const NOTHING = Buffer.alloc(0);

export class Reading {
  readonly #parts: ReadingParts;
  readonly #scanner: FrameScanner;
  /** Came, and is not taken yet. Begins with a packet's first byte, unless one is half taken. */
  #waiting: Buffer = NOTHING;
  /** Bytes of the packet in hand that are still to come. */
  #missing = 0;
  /** Bytes at the front of the stream that were looked at before. */
  #scannedAhead = 0;
  #login: 'waited_for' | 'taken' | 'decided' = 'waited_for';
  #bytesInHand = 0;
  /** What the client says next is its goodbye. */
  #isLeaving = false;
  #isTaking = false;
  #awaitsRoom = false;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
    this.#scanner = new FrameScanner(parts.limits);
    const { client, stream, held } = parts;
    client._parsingBatch = 0;
    client._nextBatch = (error) => {
      this.#done(error);
    };
    client.resume = ignore;
    stream.removeAllListeners('readable');
    stream.on('readable', () => {
      this.#take();
    });
    stream.once('close', () => {
      held.remove(this);
    });
    // aedes emits it ahead of telling that it is done with the CONNECT, which leads on to what waits.
    client.once('connected', () => {
      this.#login = 'decided';
    });
  }

  get state(): ReadingState {
    const { client, stream, turns, mostInHand, unread } = this.#parts;
    if (client.closed || stream.destroyed || stream.writableEnded) return 'closing';
    if (turns.isOver) return 'resting';
    if (this.#login !== 'decided') return 'before_login';
    const inHand = client._parsingBatch;
    if (inHand === 0) this.#bytesInHand = 0;
    if (this.#bytesInHand >= MOST_BYTES_IN_HAND) return 'held';
    if ((inHand >= mostInHand || (this.#isLeaving && inHand > 0)) && !this.#awaitsClient) return 'held';
    return unread?.isTooMuch === true ? 'unread' : 'open';
  }

  /** The client has said something, but is not listened to: that is no silence. */
  refreshKeepAlive(): void {
    this.#parts.client._keepaliveTimer?.refresh();
  }

  /** aedes is done with a packet. */
  #done(error: Error | null | undefined): void {
    const { client } = this.#parts;
    if (error) {
      client.emit('error', error);
      return;
    }
    client._parsingBatch--;
    this.#take();
  }

  readonly #next = (): void => {
    this.#take();
  };

  /** As much as may be. aedes tells within its parser, which is not re-entrant, that it is done. */
  #take(): void {
    if (this.#isTaking) return;
    this.#isTaking = true;
    try {
      while (this.#mayTake() && this.#hasSome()) this.#takeSome();
    } finally {
      this.#isTaking = false;
    }
    this.#putBack();
    this.#noteHeld();
  }

  /** What may not be taken now. Kept here instead, the stream would end ahead of it, and aedes with the stream. */
  #putBack(): void {
    const bytes = this.#waiting;
    if (bytes.length === 0 || packetEnd(bytes) === undefined || this.state === 'closing') return;
    this.#waiting = NOTHING;
    this.#scannedAhead = bytes.length;
    this.#parts.stream.unshift(bytes);
  }

  #mayTake(): boolean {
    const { state } = this;
    if (state === 'closing' || state === 'resting') return false;
    // One that was begun is ended.
    if (this.#missing > 0) return true;
    return state === 'before_login' ? this.#login === 'waited_for' : state === 'open';
  }

  /** Whether there is anything to take: a packet whose header is whole, or more of the one that was begun. */
  #hasSome(): boolean {
    while (this.#missing > 0 ? this.#waiting.length === 0 : packetEnd(this.#waiting) === undefined) {
      if (!this.#readMore()) return false;
    }
    return !this.#waitsForOthers();
  }

  #readMore(): boolean {
    const { stream, traffic, end } = this.#parts;
    // Asked for all that it has, the stream gets more from its socket each time, however much is put back.
    const chunk: unknown = stream.read(Math.min(stream.readableLength, READ_BYTES) || undefined);
    if (!(chunk instanceof Uint8Array)) return false;
    const { packets } = this.#scanner;
    const scanned = this.#scannedAhead;
    const fresh = scanned === 0 ? chunk : chunk.subarray(scanned);
    if (scanned > 0) this.#scannedAhead = Math.max(0, scanned - chunk.length);
    const fault = this.#scanner.scan(fresh);
    traffic.bytesIn += fresh.length;
    traffic.packetsIn += this.#scanner.packets - packets;
    if (fault !== undefined) {
      end(fault);
      return false;
    }
    this.#waiting = this.#waiting.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#waiting, chunk]);
    return true;
  }

  /**
   * Who says goodbye is heard last: what came before still has to pass. Until then it is not looked at again: what is put
   * back makes the stream say in the same turn that there is something to read, and so on without an end.
   */
  #waitsForOthers(): boolean {
    this.#isLeaving = this.#missing === 0 && (this.#waiting[0] ?? 0) >> 4 === DISCONNECT;
    return this.#isLeaving && this.#parts.client._parsingBatch > 0 && !this.#awaitsClient;
  }

  get #awaitsClient(): boolean {
    return this.#parts.awaitsClient?.() === true;
  }

  #takeSome(): void {
    const { client, lane, turns } = this.#parts;
    if (this.#missing === 0 && lane !== undefined) {
      const before = this.#waiting.length;
      this.#waiting = lane.read(this.#waiting) ?? NOTHING;
      turns.took(before - this.#waiting.length);
      if (this.#waiting.length === 0 || this.#waitsForOthers()) return;
    }
    const end = this.#missing > 0 ? this.#missing : packetEnd(this.#waiting);
    // The lane took all that was whole.
    if (end === undefined) return;
    const bytes = this.#waiting.subarray(0, end);
    this.#waiting = this.#waiting.subarray(bytes.length);
    this.#missing = end - bytes.length;
    this.#bytesInHand += bytes.length;
    turns.took(bytes.length + SHARE_OF_PACKET_BYTES);
    if (this.#missing === 0 && this.#login === 'waited_for') this.#login = 'taken';
    client._parser.parse(bytes);
  }

  #noteHeld(): void {
    const { stream, held, turns, unread, end } = this.#parts;
    const { state } = this;
    // Its answers would stand behind all that waits for them.
    if (state === 'held' && this.#awaitsClient) end('not_reading');
    if (state === 'resting') turns.awaitNext(this.#next);
    if (stream.readableLength > 0 && (state === 'held' || state === 'before_login')) held.add(this);
    else held.remove(this);
    if (state !== 'unread' || this.#awaitsRoom) return;
    this.#awaitsRoom = true;
    unread?.whenRoom(() => {
      this.#awaitsRoom = false;
      this.#take();
    });
  }
}

function ignore(): void {
  // aedes' `resume` reads on by itself.
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
