// A broker that hands retained messages over without the retain flag (Moquette 0.17 does) makes a retained command look
// like one of now, at every start. Such a broker is known by the gateway's own retained status, which comes back without
// the flag, too; then what is retained for the gateway is looked up on a visit, and its copies get their flag back.
import type { Clock, Log, Message } from '../../../../shared/ports.js';
import { digestOf } from '../received.js';

type Handler = (message: Message) => Promise<void>;

export interface HiddenRetainedOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly statusTopic: string;
  /** Where a retained message must not pass for one of now. */
  readonly filters: readonly string[];
  /** What is retained there and comes without the flag: digest and topic of each. Rejects where that can't be seen. */
  readonly look: (filters: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/** The own status comes back at once; where nobody may read it nothing is known. */
const STATUS_PATIENCE_MS = 5000;
/** A copy follows its SUBACK, but one more may wait in the session from the start before. */
const COPIES_MS = 30_000;

export class HiddenRetained {
  readonly #options: HiddenRetainedOptions;
  /** Of the subscriptions just made: whether their retained messages are known. */
  #known: Promise<void> | undefined;
  #decide: (mayHide: boolean) => void = () => undefined;
  #isFlagSeen = false;
  #subscribedMs = 0;
  /** Digest of each, and whether a copy came since the gateway subscribed. */
  #copies = new Map<string, boolean>();

  constructor(options: HiddenRetainedOptions) {
    this.#options = options;
  }

  /** The gateway subscribes anew, its status among it, at a broker of MQTT 3.1.1. */
  subscribing(): void {
    const { clock, filters } = this.#options;
    if (filters.length === 0) return;
    this.#decide(false);
    this.#subscribedMs = clock.monotonicMs();
    this.#isFlagSeen = false;
    const decided = new Promise<boolean>((resolve) => {
      const cancel = clock.after(STATUS_PATIENCE_MS, () => {
        resolve(true);
      });
      this.#decide = (mayHide) => {
        cancel();
        resolve(mayHide);
      };
    });
    const known = decided.then(async (mayHide) => this.#look(mayHide));
    this.#known = known;
    void known.then(() => {
      if (this.#known === known) this.#known = undefined;
    });
  }

  /** A message on the status topic. */
  status({ retain }: Message): void {
    this.#isFlagSeen ||= retain;
    if (retain) this.#decide(false);
  }

  /** The gateway's own status of this connection came: everything retained on its topic came before. */
  statusEnded(): void {
    this.#decide(!this.#isFlagSeen);
  }

  /** The handler, told which message is a retained one. Those of now wait until that can be told. */
  marking(filter: string, handler: Handler): Handler {
    if (!this.#options.filters.includes(filter)) return handler;
    return async (message) => {
      await this.#known;
      await handler(this.#isCopy(message) ? { ...message, retain: true } : message);
    };
  }

  #isCopy(message: Message): boolean {
    const digest = digestOf(message);
    const cameBefore = this.#copies.get(digest);
    if (cameBefore === undefined) return false;
    this.#copies.set(digest, true);
    const isEarly = this.#options.clock.monotonicMs() - this.#subscribedMs < COPIES_MS;
    // One is owed, however much waits before it.
    return isEarly || !cameBefore;
  }

  /** Never rejects. */
  async #look(mayHide: boolean): Promise<void> {
    this.#copies = new Map();
    if (!mayHide) return;
    const { filters, look, log, statusTopic } = this.#options;
    try {
      const hidden = await look(filters);
      this.#copies = new Map([...hidden.keys()].map((digest) => [digest, false]));
      if (hidden.size > 0)
        log.warn(
          { topics: [...hidden.values()].slice(0, 10) },
          'the outside broker hands retained messages over without the retain flag; commands among them are refused',
        );
    } catch (err) {
      log.debug({ err, statusTopic }, 'whether the outside broker hides the retain flag cannot be seen');
    }
  }
}
