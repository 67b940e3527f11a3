// Gives every connection its reading, and says how much of one client may be in hand.
import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import type { Clock } from '../../../shared/ports.js';
import type { AedesClient } from '../mqtt/aedes-client.js';
import type { Traffic } from '../counters/counters.js';
import type { Breach } from '../doors/unread-guard.js';
import type { FrameLimits } from '../mqtt/frame-scanner.js';
import { HeldConnections } from '../doors/held-connections.js';
import { hasRate, type RateLimits } from './rate-limit.js';
import { ReadingTurns } from './reading-turns.js';
import { Reading, type Lane, type Unread } from './reading.js';

export interface ReadConnection {
  readonly client: Client;
  readonly stream: Duplex;
  readonly end: (breach: Breach) => void;
  readonly lane?: Lane;
  readonly unread?: Unread;
  readonly awaitsClient?: () => boolean;
}

/** Enough to gather for one commit to the disk. */
const MOST_IN_HAND = 64;

export class Readings {
  readonly #limits: FrameLimits & RateLimits;
  readonly #traffic: Traffic;
  readonly #held = new HeldConnections();
  readonly #turns = new ReadingTurns();
  readonly #all = new Set<Reading>();

  constructor(limits: FrameLimits & RateLimits, traffic: Traffic) {
    this.#limits = limits;
    this.#traffic = traffic;
  }

  open(connection: ReadConnection): Reading {
    const client = connection.client as AedesClient;
    // With a rate each message waits for its turn, and all behind it in the client's socket.
    const mostInHand = hasRate(this.#limits) ? 1 : MOST_IN_HAND;
    const shared = { limits: this.#limits, traffic: this.#traffic, held: this.#held, turns: this.#turns };
    const reading = new Reading({ ...connection, ...shared, mostInHand, client });
    this.#all.add(reading);
    connection.stream.once('close', () => this.#all.delete(reading));
    return reading;
  }

  /** After a standstill what clients sent meanwhile is not read yet: none of them has been silent. Returns how to end it. */
  excuseSilence(clock: Pick<Clock, 'onStandstill'>): () => void {
    return clock.onStandstill(() => {
      for (const reading of this.#all) reading.refreshKeepAlive();
    });
  }
}
