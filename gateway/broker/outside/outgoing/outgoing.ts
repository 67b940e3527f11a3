// What the gateway publishes to an outside broker: in order, bounded, sent again after a lost connection until it is
// acknowledged; but what the broker hung up on is not sent to it twice.
import { GatewayError } from '../../../../shared/errors.js';
import type { Clock, Message } from '../../../../shared/ports.js';
import { packetBytes, SizeLimit, type ConnectionEnd } from './size-limit.js';
import { kindOf, WaitingRoom, type Entry, type Kind, type Queues } from './waiting-room.js';

/** What is known of a new connection. */
export interface Attached {
  /** How many may be unacknowledged at once. */
  readonly window: number;
  /** The largest packet that the broker takes, where it tells. */
  readonly maximumPacketSize: number | undefined;
  /** The broker was there at the first try after the end of the last connection: it was not away. */
  readonly isFirstTry: boolean;
}

interface Sent {
  readonly entry: Entry;
  readonly turn: number;
}

const MANY_WAITING = 1000;
/** QoS 0 messages sent since the last acknowledgement: nobody tells whether they were taken. */
const MOST_UNPROVED = 1000;

export class OutsideOutgoing {
  readonly #room: WaitingRoom;
  readonly #limit: SizeLimit;
  readonly #onLost: (kind: Kind) => void;
  /** In the order they were sent. */
  readonly #inFlight = new Set<Entry>();
  #unproved: Sent[] = [];
  #sent = 0;
  #suspect: Entry | undefined;
  #rejected = 0;
  #send: ((message: Message) => Promise<void>) | undefined;
  #window = 0;
  #idle: (() => void)[] = [];

  /** `onLost` is told of each message that did not fit. */
  constructor(clock: Pick<Clock, 'monotonicMs'>, onLost: (kind: Kind) => void = () => undefined) {
    this.#limit = new SizeLimit(clock);
    this.#onLost = onLost;
    this.#room = new WaitingRoom((entry, why) => {
      if (why === 'lost') {
        this.#rejected++;
        onLost(kindOf(entry.message));
      }
      entry.settle(why === 'lost' ? noRoom(entry.message) : replaced(entry.message));
    });
  }

  get waiting(): number {
    return this.#room.size;
  }

  /** Publishes refused because too many were waiting. */
  get rejected(): number {
    return this.#rejected;
  }

  get queues(): Queues {
    return this.#room.queues();
  }

  /** Bytes of the largest packet that the broker is known to take. */
  get largestPacket(): number | undefined {
    return this.#limit.bytes;
  }

  /**
   * Resolves when the broker has taken it. Rejects with broker_unreachable where it did not fit, or where a newer state of
   * its topic took its place while it waited, and with too_large for what the broker does not take.
   */
  async publish(message: Message): Promise<void> {
    if (!this.#limit.allows(message)) throw this.#tooLarge(message);
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        if (error === undefined) resolve();
        else reject(error);
      };
      // A connected broker is told every state, unless it does not keep up.
      const newestOnly = this.#send === undefined || this.#room.size > MANY_WAITING;
      if (this.#room.add({ message, settle, suspected: 0 }, newestOnly)) this.#pump();
      else {
        this.#rejected++;
        this.#onLost(kindOf(message));
        reject(noRoom(message));
      }
    });
  }

  /** A connection is there: what waits goes out by `send`. */
  attach(send: (message: Message) => Promise<void>, attached: Attached): void {
    const { window, maximumPacketSize, isFirstTry } = attached;
    this.#limit.told(maximumPacketSize);
    // A broker that is there at once had no other reason to hang up.
    if (isFirstTry && this.#suspect !== undefined) this.#limit.refused(this.#suspect.message);
    this.#suspect = undefined;
    this.#send = send;
    this.#window = window;
    this.#pump();
  }

  /** The connection is lost: what it had not acknowledged comes first on the next one. */
  detach(end: ConnectionEnd): void {
    this.#send = undefined;
    this.#suspect = this.#largestUnproved();
    if (this.#suspect !== undefined && end !== 'other') {
      this.#suspect.suspected++;
      if (end === 'too_large' || this.#suspect.suspected > 1) this.#limit.refused(this.#suspect.message);
    } else this.#suspect = undefined;
    this.#unproved = [];
    const entries = [...this.#inFlight];
    this.#inFlight.clear();
    this.#room.putBack(entries);
  }

  rejectAll(reason: Error): void {
    for (const entry of this.#inFlight) {
      this.#room.leave(entry);
      entry.settle(reason);
    }
    this.#inFlight.clear();
    for (const { settle } of this.#room.empty()) settle(reason);
    this.#tellIdle();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    if (this.waiting === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    while (this.#send !== undefined && this.#inFlight.size < this.#window) {
      const entry = this.#room.take();
      if (entry === undefined) break;
      this.#inFlight.add(entry);
      // It waited since before the limit was known.
      if (!this.#limit.allows(entry.message)) this.#end(entry, this.#tooLarge(entry.message));
      else this.#sendNow(entry, this.#send);
    }
    this.#tellIdle();
  }

  #sendNow(entry: Entry, send: (message: Message) => Promise<void>): void {
    const { message } = entry;
    const turn = ++this.#sent;
    if (message.qos === 0) this.#unproved.push({ entry, turn });
    if (this.#unproved.length > MOST_UNPROVED) this.#unproved.shift();
    send(message).then(
      () => {
        if (!this.#inFlight.has(entry)) return;
        if (message.qos > 0) this.#proved({ entry, turn });
        this.#settled(entry);
      },
      (cause: unknown) => {
        this.#settled(entry, this.#refusal(message, cause));
      },
    );
  }

  /** The broker reads in order: what was sent before it was taken as well. */
  #proved({ entry, turn }: Sent): void {
    this.#limit.taken(entry.message);
    while ((this.#unproved[0]?.turn ?? Infinity) < turn) {
      const earlier = this.#unproved.shift();
      if (earlier !== undefined) this.#limit.taken(earlier.entry.message);
    }
  }

  #settled(entry: Entry, error?: Error): void {
    // After a lost connection it waits again, or was settled by the next one: an old answer means nothing.
    if (!this.#inFlight.has(entry)) return;
    this.#end(entry, error);
    this.#pump();
  }

  #end(entry: Entry, error?: Error): void {
    this.#inFlight.delete(entry);
    this.#room.leave(entry);
    entry.settle(error);
  }

  #largestUnproved(): Entry | undefined {
    let largest: Entry | undefined;
    for (const entry of [...this.#unproved.map(({ entry: light }) => light), ...this.#inFlight]) {
      const isLarger = largest === undefined || packetBytes(entry.message) > packetBytes(largest.message);
      if (isLarger && this.#limit.isUnproved(entry.message)) largest = entry;
    }
    return largest;
  }

  #tellIdle(): void {
    if (this.waiting > 0) return;
    for (const tell of this.#idle) tell();
    this.#idle = [];
  }

  /** MQTT 5's reason 135 is "not authorized", 149 "packet too large". */
  #refusal(message: Message, cause: unknown): GatewayError {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const { topic } = message;
    if (code === 149) {
      this.#limit.refused(message);
      return this.#tooLarge(message);
    }
    return code === 135
      ? new GatewayError('forbidden', `the outside broker forbids a publish to ${topic}`, { cause })
      : new GatewayError('broker_unreachable', `the outside broker did not take a message for ${topic}`, {
          cause,
        });
  }

  #tooLarge(message: Message): GatewayError {
    const bytes = String(packetBytes(message));
    const most = String(this.#limit.bytes);
    const what = `A message of ${bytes} bytes for ${message.topic} was not sent`;
    return new GatewayError('too_large', `${what}: the outside broker takes ${most} at most. Ask for less.`);
  }
}

function noRoom({ topic }: Message): GatewayError {
  const message = `too much waits for the outside broker: a message for ${topic} was dropped`;
  return new GatewayError('broker_unreachable', message);
}

function replaced({ topic }: Message): GatewayError {
  return new GatewayError('broker_unreachable', `a newer message for ${topic} waits for the outside broker`);
}
