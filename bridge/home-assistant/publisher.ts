// Tells Home Assistant of the gateway and its devices: at the start, and again whenever Home Assistant says that it has started.
import type { Clock, Component, Log, MessageBus, Unsubscribe } from '../../shared/ports.js';
import { encodeJson } from '../../shared/messages.js';
import { ONCE, RETAINED, type Outlet } from '../messages/outlet.js';
import { isKept } from './kept.js';
import { prefixOf } from './names.js';
import type { DiscoveryMessage } from './payload.js';

/** Told again as often at the most, however often it says so. */
const LEAST_PAUSE_MS = 3000;
const BORN = 'online';
const NOT_KEPT =
  'Home Assistant is not told: the broker does not keep what is said to it. If it is an outside one, its user for the gateway needs the lines that `user … --role gateway` prints';

export interface ToTell {
  /** The gateway's own first: the others name it. */
  readonly messages: readonly DiscoveryMessage[];
  /** Of devices that are gone: not retained, for whoever was away when their messages were cleared. */
  readonly removals: readonly DiscoveryMessage[];
}

export interface DiscoveryPublisherOptions {
  /** Asked at the start, and when `tellAnew` is called. */
  readonly tell: () => ToTell;
  readonly outlet: Outlet;
  readonly bus: Pick<MessageBus, 'subscribe'>;
  readonly clock: Clock;
  readonly log: Log;
}

export class DiscoveryPublisher implements Component {
  readonly name = 'home assistant';
  readonly #options: DiscoveryPublisherOptions;
  readonly #unsubscribe: Unsubscribe[] = [];
  #told: ToTell = { messages: [], removals: [] };
  #toldMs = 0;
  #cancel: (() => void) | undefined;
  #ending = new AbortController();

  constructor(options: DiscoveryPublisherOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { log, tell } = this.#options;
    this.#ending = new AbortController();
    this.#told = tell();
    const { messages, removals } = this.#told;
    if (messages.length > 0)
      log.info({ devices: messages.length - 1 }, 'Home Assistant is told of the devices');
    void this.#prove(this.#tell());
    for (const prefix of new Set([...messages, ...removals].map(({ topic }) => prefixOf(topic))))
      await this.#listen(`${prefix}/status`);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#cancel?.();
    for (const unsubscribe of this.#unsubscribe) await unsubscribe();
  }

  async #listen(topic: string): Promise<void> {
    const { bus, log } = this.#options;
    let isListening = false;
    try {
      const unsubscribe = await bus.subscribe(topic, 1, ({ payload, retain }) => {
        // What comes with the subscription is of another time; but its user may have it say so retained.
        if ((isListening || !retain) && new TextDecoder().decode(payload) === BORN) this.#tellAgain();
      });
      isListening = true;
      this.#unsubscribe.push(unsubscribe);
    } catch (err) {
      log.warn({ err, topic }, 'Home Assistant is not told again when it starts: its status cannot be read');
    }
  }

  /** The devices have changed. */
  async tellAnew(): Promise<void> {
    this.#told = this.#options.tell();
    await this.#tell();
  }

  #tellAgain(): void {
    if (this.#cancel !== undefined) return;
    const { clock, outlet } = this.#options;
    const waitMs = Math.max(0, this.#toldMs + LEAST_PAUSE_MS - clock.monotonicMs());
    this.#cancel = clock.after(waitMs, () => {
      this.#cancel = undefined;
      // Before the others: an id of theirs may be free again.
      for (const { topic, payload } of this.#told.removals) outlet.json(topic, payload, ONCE);
      void this.#tell();
    });
  }

  /** Resolves with whether the broker has taken any: what is too large for it is said by itself. */
  async #tell(): Promise<boolean> {
    const { outlet, clock } = this.#options;
    this.#toldMs = clock.monotonicMs();
    const told = this.#told.messages.map(async ({ topic, payload }) =>
      outlet.sent(topic, encodeJson(payload), RETAINED),
    );
    return (await Promise.all(told)).some(Boolean);
  }

  /** Never rejects. What a broker does not say is looked for: a right of the gateway's that is missing there. */
  async #prove(told: Promise<boolean>): Promise<void> {
    const { bus, clock, log } = this.#options;
    const topic = this.#told.messages[0]?.topic;
    if (topic === undefined) return;
    try {
      const isTold = (await told) && (await isKept(topic, bus, clock, this.#ending.signal));
      if (!isTold && !this.#ending.signal.aborted) log.warn({ topic }, NOT_KEPT);
    } catch (err) {
      if (!this.#ending.signal.aborted) log.warn({ err, topic }, NOT_KEPT);
    }
  }
}
