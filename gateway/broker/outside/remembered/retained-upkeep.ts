// Sees to it that what the gateway retained stays retained: a broker that comes back without its memory (no session at
// CONNACK, or a session and not what it acknowledged last) is told all of it again, at a pace.
import { asGatewayError } from '../../../../shared/errors.js';
import type { Clock, Log, Message } from '../../../../shared/ports.js';
import { RetainedProbe, type Asked } from './retained-probe.js';
import { SaidRetained } from './said-retained.js';

export interface UpkeepOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Behind everything that waits to be published; settles as the publish does. */
  readonly publish: (message: Message) => Promise<void>;
  /** Said anew at every connection, by others. */
  readonly statusTopic: string;
}

export interface UpkeepStats {
  /** Topics, and bytes that they take. */
  readonly topics: number;
  readonly bytes: number;
  /** Times that everything was said again. */
  readonly repeats: number;
  readonly forgotten: number;
}

/** Not all at once: every subscriber gets them too, and samples go between. */
const BURST = 50;
const PAUSE_MS = 100;

export class RetainedUpkeep {
  readonly #options: UpkeepOptions;
  readonly #said = new SaidRetained();
  #probe: RetainedProbe | undefined;
  #wasConnected = false;
  #repeats = 0;
  /** Of the repeat under way: a newer one ends it. */
  #turn = 0;
  #cancelPause = (): void => undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Remembers it where it is retained. */
  async publish(message: Message): Promise<void> {
    const { publish, statusTopic } = this.#options;
    this.#said.say(message);
    try {
      await publish(message);
    } catch (thrown) {
      if (asGatewayError(thrown).code !== 'broker_unreachable') this.#said.refused(message);
      throw thrown;
    }
    if (message.topic !== statusTopic) this.#said.taken(message);
  }

  stats(): UpkeepStats {
    const { topics, bytes, forgotten } = this.#said;
    return { topics: topics.length, bytes, forgotten, repeats: this.#repeats };
  }

  /** To be called before anything is published on this connection. */
  connected(connection: Asked, sessionPresent: boolean): void {
    const isFirst = !this.#wasConnected;
    this.#wasConnected = true;
    const { lastTaken } = this.#said;
    this.#probe = undefined;
    // What was never acknowledged still waits to be published.
    if (isFirst || lastTaken === undefined) return;
    if (!sessionPresent) this.#repeat('the outside broker has lost its sessions');
    else void this.#check(connection, lastTaken);
  }

  /** Whether the message was an answer to a question of its own. */
  takes(message: Message): boolean {
    return this.#probe?.takes(message) ?? false;
  }

  stop(): void {
    this.#turn++;
    this.#cancelPause();
  }

  /** Never rejects. */
  async #check(connection: Asked, lastTaken: Message): Promise<void> {
    const { clock, log } = this.#options;
    const probe = new RetainedProbe(lastTaken.topic, clock);
    this.#probe = probe;
    let found: Message | undefined;
    try {
      found = await probe.ask(connection);
    } catch (err) {
      log.debug({ err, topic: lastTaken.topic }, 'the outside broker does not tell what it has retained');
    }
    // The connection was lost meanwhile, or the gateway stops.
    if (this.#probe !== probe) return;
    this.#probe = undefined;
    const expected = [lastTaken, this.#said.newest(lastTaken.topic)];
    if (expected.some((message) => found !== undefined && message !== undefined && isSame(message, found)))
      return;
    this.#repeat('the outside broker does not have what it acknowledged');
  }

  #repeat(why: string): void {
    const { log } = this.#options;
    this.#repeats++;
    this.#turn++;
    this.#cancelPause();
    const topics = this.#said.topics.filter((topic) => topic !== this.#options.statusTopic);
    log.warn({ topics: topics.length }, `${why}: everything retained is said again`);
    void this.#sayAgain(topics, this.#turn);
  }

  /** Never rejects. A connection that is lost holds it up: the next one goes on with it, or begins anew. */
  async #sayAgain(topics: readonly string[], turn: number): Promise<void> {
    for (let from = 0; from < topics.length; from += BURST) {
      const burst = topics.slice(from, from + BURST);
      await Promise.all(burst.map(async (topic) => this.#sayNewest(topic)));
      if (turn !== this.#turn) return;
      await this.#pause();
      if (turn !== this.#turn) return;
    }
    this.#options.log.info({ topics: topics.length }, 'everything retained was said again');
  }

  async #sayNewest(topic: string): Promise<void> {
    const message = this.#said.newest(topic);
    if (message === undefined) return;
    try {
      // Acknowledged, whatever it was said with: the next burst waits for this one.
      await this.#options.publish({ ...message, qos: 1 });
    } catch (err) {
      this.#options.log.debug({ err, topic }, 'a retained message was not said again');
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(PAUSE_MS, resolve);
      this.#cancelPause = () => {
        cancel();
        resolve();
      };
    });
  }
}

function isSame(one: Message, other: Message): boolean {
  return Buffer.compare(one.payload, other.payload) === 0;
}
