// The one place where the packet identifiers of messages to a client are given. One that is still in use is left out
// [MQTT-2.3.1-2]; where all are, which the session's queue does not let come (sessions/outgoing-queue.ts), there is none.
import type { AedesClient } from '../mqtt/aedes-client.js';

/** MQTT 3.1.1 §2.3.1: sixteen bits, and not 0. */
export const MOST_IDS = 65_535;
export const NO_ID = 0;

export class PacketIds {
  readonly #client: Pick<AedesClient, '_nextId'>;
  readonly #isUsed: (id: number) => boolean;

  /** aedes numbers from the same place what it sends itself. */
  constructor(client: Pick<AedesClient, '_nextId'>, isUsed: (id: number) => boolean) {
    this.#client = client;
    this.#isUsed = isUsed;
  }

  next(): number {
    let id = this.#client._nextId;
    for (let tries = 0; this.#isUsed(id); id = after(id)) if (++tries === MOST_IDS) return NO_ID;
    this.#client._nextId = after(id);
    return id;
  }

  /** Without asking whether it is in use. */
  following(): number {
    const id = this.#client._nextId;
    this.#client._nextId = after(id);
    return id;
  }

  /** One of an earlier connection is used again. */
  goOnBehind(id: number): void {
    this.#client._nextId = after(id);
  }
}

function after(id: number): number {
  return id >= MOST_IDS ? 1 : id + 1;
}
