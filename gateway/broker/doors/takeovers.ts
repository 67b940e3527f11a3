// Two clients of one id throw each other out for ever, since a new connection takes the place of the old one
// [MQTT-3.1.4-2]; each of them only sees that it is cut off. One that comes anew over a network that changed does it once.
import type { Clock } from '../../../shared/ports.js';
import type { RepeatedLines } from '../../logging/repeated-lines.js';
import type { ClientFacts } from './identities.js';

/** With the third both have come back: A, B, A. */
const TELLING = 3;
const FORGOTTEN_AFTER_MS = 60_000;
const MOST_IDS = 200;

interface Quarrel {
  times: number;
  lastMs: number;
  /** The latest two that differ. */
  addresses: readonly string[];
}

export class Takeovers {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #lines: RepeatedLines;
  readonly #byId = new Map<string, Quarrel>();

  constructor(clock: Pick<Clock, 'monotonicMs'>, lines: RepeatedLines) {
    this.#clock = clock;
    this.#lines = lines;
  }

  /** Of the client whose connection another one of its id has just ended. */
  note({ client = '', address = 'unknown' }: ClientFacts): void {
    const nowMs = this.#clock.monotonicMs();
    const before = this.#byId.get(client);
    const isFresh = before !== undefined && nowMs - before.lastMs <= FORGOTTEN_AFTER_MS;
    const { times, addresses } = isFresh ? before : { times: 0, addresses: [] };
    const both = [address, ...addresses.filter((other) => other !== address)].slice(0, 2);
    const quarrel = { times: times + 1, lastMs: nowMs, addresses: both };
    // Anew at the end: the first of a Map is the oldest.
    this.#byId.delete(client);
    this.#byId.set(client, quarrel);
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > MOST_IDS && oldest !== undefined) this.#byId.delete(oldest);
    if (quarrel.times >= TELLING) this.#tell(client, quarrel);
  }

  #tell(client: string, { addresses }: Quarrel): void {
    const [one = '', other] = addresses;
    const words =
      other === undefined
        ? `two clients at ${one} use the id ${client}, or one connects anew without an end of its old connection`
        : `two clients use the id ${client}: at ${one} and at ${other}`;
    const message = `${words}; each throws the other out: give every client an id of its own`;
    this.#lines.say('warn', client, { client, addresses }, message, 'takeover');
  }
}
