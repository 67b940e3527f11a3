// The bodies of requests, whole in memory while they are read and answered: each has a bound, and all of them together.
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../shared/errors.js';

/** Like a command's payload over MQTT, and a little more: the bridge says too_large in its own words. */
export const MAX_BODY_BYTES = 128 * 1024;
/** A thousand connections with the largest would be 128 MB. */
const MOST_HELD_BYTES = 16 * 1024 * 1024;

export interface BodyNumbers {
  /** Held at the moment. */
  readonly bodyBytes: number;
  /** Since the start, for want of room. */
  readonly refusedBodies: number;
}

export class RequestBodies {
  readonly #mostBytes: number;
  #heldBytes = 0;
  #refused = 0;

  constructor(mostBytes = MOST_HELD_BYTES) {
    this.#mostBytes = mostBytes;
  }

  numbers(): BodyNumbers {
    return { bodyBytes: this.#heldBytes, refusedBodies: this.#refused };
  }

  /** The body is held until what `use` does with it is done. Rejects with too_large, queue_full, or as `use` does. */
  async with<T>(request: IncomingMessage, use: (body: Uint8Array) => Promise<T>): Promise<T> {
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        this.#heldBytes += chunk.length;
        this.#check(length);
        chunks.push(chunk);
      }
      return await use(Buffer.concat(chunks));
    } finally {
      this.#heldBytes -= length;
    }
  }

  #check(length: number): void {
    if (length > MAX_BODY_BYTES)
      throw new GatewayError('too_large', `The body is over ${String(MAX_BODY_BYTES)} bytes.`);
    if (this.#heldBytes <= this.#mostBytes) return;
    this.#refused += 1;
    throw new GatewayError('queue_full', 'Too many requests are being read and answered; ask again later.');
  }
}
