// What the gateway publishes to an outside broker: in order, bounded, sent again after a lost connection until it is
// acknowledged.
import { GatewayError } from '../../shared/errors.js';
import type { Message } from '../../shared/ports.js';

interface Entry {
  readonly message: Message;
  readonly settle: (error?: Error) => void;
}

export interface OutgoingLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

export class OutsideOutgoing {
  readonly #limits: OutgoingLimits;
  #unsent: Entry[] = [];
  readonly #inFlight = new Set<Entry>();
  #bytes = 0;
  #rejected = 0;
  #send: ((message: Message) => Promise<void>) | undefined;
  #window = 0;
  #idle: (() => void)[] = [];

  constructor(limits: OutgoingLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#unsent.length + this.#inFlight.size;
  }

  /** Publishes refused because too many were waiting. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Resolves when the broker has taken it. Rejects with broker_unreachable when too much waits. */
  async publish(message: Message): Promise<void> {
    const { maxMessages, maxBytes } = this.#limits;
    if (this.waiting >= maxMessages || this.#bytes + sizeOf(message) > maxBytes) {
      this.#rejected++;
      const waiting = `${String(this.waiting)} messages wait for the broker`;
      throw new GatewayError('broker_unreachable', `${waiting}; no more are taken until it answers`);
    }
    this.#bytes += sizeOf(message);
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        this.#bytes -= sizeOf(message);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#unsent.push({ message, settle });
      this.#pump();
    });
  }

  /** A connection is there: what waits goes out by `send`, at most `window` unacknowledged at once. */
  attach(send: (message: Message) => Promise<void>, window: number): void {
    this.#send = send;
    this.#window = window;
    this.#pump();
  }

  /** The connection is lost: what it had not acknowledged comes first on the next one. */
  detach(): void {
    this.#send = undefined;
    this.#unsent = [...this.#inFlight, ...this.#unsent];
    this.#inFlight.clear();
  }

  rejectAll(reason: Error): void {
    for (const { settle } of [...this.#inFlight, ...this.#unsent]) settle(reason);
    this.#unsent = [];
    this.#inFlight.clear();
    this.#tellIdle();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    if (this.waiting === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    while (this.#send !== undefined && this.#inFlight.size < this.#window) {
      const entry = this.#unsent.shift();
      if (entry === undefined) break;
      this.#inFlight.add(entry);
      this.#send(entry.message).then(
        () => {
          this.#settled(entry);
        },
        (cause: unknown) => {
          this.#settled(entry, refusal(entry.message, cause));
        },
      );
    }
  }

  #settled(entry: Entry, error?: Error): void {
    // After a lost connection it waits again, or was settled by the next one: an old answer means nothing.
    if (!this.#inFlight.delete(entry)) return;
    entry.settle(error);
    this.#pump();
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.waiting > 0) return;
    for (const tell of this.#idle) tell();
    this.#idle = [];
  }
}

function sizeOf({ topic, payload }: Message): number {
  return topic.length + payload.length + 100;
}

/** MQTT 5's reason 135 is "not authorized". */
function refusal({ topic }: Message, cause: unknown): GatewayError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 135
    ? new GatewayError('forbidden', `the outside broker forbids a publish to ${topic}`, { cause })
    : new GatewayError('broker_unreachable', `the outside broker did not take a message for ${topic}`, {
        cause,
      });
}
