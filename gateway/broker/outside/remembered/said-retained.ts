// The newest retained message of every topic that this process said something on: what a broker that lost its memory
// is told again. As many as the configuration has topics, and never more than the limits.
import type { Message } from '../../../../shared/ports.js';

export interface SaidLimits {
  readonly maxTopics: number;
  readonly maxBytes: number;
}

export const SAID_LIMITS: SaidLimits = { maxTopics: 100_000, maxBytes: 64 * 1024 * 1024 };
/** What a topic takes beside its text. */
const ENTRY_BYTES = 100;

export class SaidRetained {
  readonly #limits: SaidLimits;
  readonly #newest = new Map<string, Message>();
  #bytes = 0;
  #forgotten = 0;
  #lastTaken: Message | undefined;

  constructor(limits = SAID_LIMITS) {
    this.#limits = limits;
  }

  get topics(): readonly string[] {
    return [...this.#newest.keys()];
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that there was no room for: a broker without memory is not told them again. */
  get forgotten(): number {
    return this.#forgotten;
  }

  newest(topic: string): Message | undefined {
    return this.#newest.get(topic);
  }

  /** The last one that the broker acknowledged, which it must have if it has all. */
  get lastTaken(): Message | undefined {
    return this.#lastTaken;
  }

  /** Before it is sent. An empty one takes the topic out, as it does at the broker. */
  say(message: Message): void {
    if (!message.retain) return;
    this.#remove(message.topic);
    if (message.payload.length === 0) return;
    const { maxTopics, maxBytes } = this.#limits;
    if (this.#newest.size >= maxTopics || this.#bytes + sizeOf(message) > maxBytes) {
      this.#forgotten++;
      return;
    }
    this.#newest.set(message.topic, message);
    this.#bytes += sizeOf(message);
  }

  /** The broker has acknowledged it. */
  taken(message: Message): void {
    if (message.retain && message.qos > 0 && message.payload.length > 0) this.#lastTaken = message;
  }

  /** The broker will never have it: to say it again would fail again. */
  refused(message: Message): void {
    if (this.#newest.get(message.topic) === message) this.#remove(message.topic);
  }

  #remove(topic: string): void {
    const known = this.#newest.get(topic);
    if (known === undefined) return;
    this.#newest.delete(topic);
    this.#bytes -= sizeOf(known);
  }
}

function sizeOf({ topic, payload }: Message): number {
  return topic.length + payload.length + ENTRY_BYTES;
}
