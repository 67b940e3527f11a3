// The gateway's own status at an outside broker: said at every connection, and watched, for whoever says something else
// there is another gateway of the same name, or a will that came late.
import type { Clock, Log, Message, MessageBus } from '../../../../shared/ports.js';
import type { BrokerUrl } from '../link/broker-url.js';
import type { OutsideConnection } from '../link/connection.js';
import { HiddenRetained } from './hidden-retained.js';
import { KnownBoots } from '../rivals/known-boots.js';
import { parseStatus } from '../rivals/parse-status.js';
import { Rivals } from '../rivals/rivals.js';
import { visit } from '../visit.js';

export interface StatusWords {
  readonly topic: string;
  readonly online: () => Uint8Array;
  readonly offline: () => Uint8Array;
  /** Where they are told, others are told apart. */
  readonly boots?: KnownBoots;
  /** Of this gateway, for people. */
  readonly here?: () => string;
  /** Filters where a retained message must not pass for one of now. */
  readonly neverRetained?: readonly string[];
}

export interface PresenceOptions {
  readonly status: StatusWords;
  readonly url: BrokerUrl;
  readonly clock: Clock;
  readonly log: Log;
}

/** Of no subscription of the gateway's: they are counted from 1. */
const IDENTIFIER = 268_435_454;
/** An "offline" of others is answered so many times on one connection. */
const MOST_CORRECTIONS = 10;

export class Presence {
  readonly rivals: Rivals;
  readonly #options: PresenceOptions;
  readonly #boots: KnownBoots | undefined;
  readonly #hidden: HiddenRetained;
  #connection: OutsideConnection | undefined;
  #isFirst = true;
  /** The own status was heard on this connection: what comes now was said after it. */
  #isHeard = false;
  #corrections = 0;
  #known: () => void = () => undefined;
  /** Whoever was here before is known. */
  readonly #whenKnown: Promise<void>;

  constructor(options: PresenceOptions) {
    const { status, url, clock, log } = options;
    this.#options = options;
    this.#boots = status.boots;
    this.rivals = new Rivals({
      ...{ clock, log, broker: url.address },
      boots: status.boots ?? new KnownBoots(''),
      here: status.here ?? (() => 'this machine'),
      look: async () =>
        visit(url, clock, async (broker) => {
          const payload = await broker.retained(status.topic);
          return payload === undefined ? undefined : parseStatus(payload);
        }),
    });
    this.#hidden = new HiddenRetained({
      ...{ clock, log, statusTopic: status.topic, filters: status.neverRetained ?? [] },
      look: async (filters) => visit(url, clock, async (broker) => broker.hidden(filters, status.topic)),
    });
    this.#whenKnown = new Promise((resolve) => {
      this.#known = resolve;
    });
  }

  /** Looks who is there and says "online", in this order: the packets of one connection are handled in theirs. */
  async up(connection: OutsideConnection, sessionPresent: boolean): Promise<void> {
    const { topic } = this.#options.status;
    this.#connection = connection;
    this.#isHeard = false;
    this.#corrections = 0;
    this.rivals.up();
    if (connection.version === 4 && (this.#isFirst || !sessionPresent)) this.#hidden.subscribing();
    if (this.#boots !== undefined)
      connection.subscribe([{ filter: topic, identifier: IDENTIFIER }]).catch((err: unknown) => {
        this.#options.log.debug({ err }, 'another gateway of this name would not be noticed');
      });
    await this.#sayOnline(connection);
    this.#isFirst = false;
    this.#known();
  }

  /** Whether the message is one of a status topic's. */
  takes(message: Message): boolean {
    const boots = this.#boots;
    if (boots === undefined || message.topic !== this.#options.status.topic) return false;
    this.#hidden.status(message);
    const status = parseStatus(message.payload);
    if (status === undefined) return true;
    if (status.boot === boots.current) this.#heard();
    else if (status.state === 'offline') this.#offlineOfOthers(status.boot, boots);
    else if (!boots.isOwn(status.boot)) this.rivals.seen(status);
    return true;
  }

  /** Where a retained message must not pass for one of now the handler is told it by the flag, whatever the broker says. */
  marking(filter: string, handler: (message: Message) => Promise<void>): (message: Message) => Promise<void> {
    return this.#hidden.marking(filter, handler);
  }

  /** Only what is not another gateway's sample reaches a handler of `subscribeBeforeAck`; its own has it already. */
  withoutRivals(bus: MessageBus): MessageBus {
    return {
      publish: async (message) => bus.publish(message),
      subscribe: async (filter, qos, handler) => bus.subscribe(filter, qos, handler),
      subscribeBeforeAck: async (filter, handler) =>
        bus.subscribeBeforeAck(filter, async (message) => {
          await this.#whenKnown;
          if (this.rivals.isKnown && this.rivals.isAnothers(bootOf(message))) this.rivals.foreignSamples++;
          else await handler(message);
        }),
    };
  }

  #heard(): void {
    this.#isHeard = true;
    this.#hidden.statusEnded();
  }

  #offlineOfOthers(boot: string, boots: KnownBoots): void {
    this.rivals.left(boot);
    if (!this.#isHeard) {
      // It was said after this gateway's own, of the connection before, which nobody else should have touched.
      if (!this.#isFirst && !boots.isOwn(boot)) this.rivals.seen({ state: 'offline', boot });
      return;
    }
    const connection = this.#connection;
    if (connection === undefined || ++this.#corrections > MOST_CORRECTIONS) return;
    this.#sayOnline(connection).catch((err: unknown) => {
      this.#options.log.debug({ err }, 'the own status was not said again');
    });
  }

  async #sayOnline(connection: OutsideConnection): Promise<void> {
    const { topic, online } = this.#options.status;
    await connection.publish({ topic, payload: online(), qos: 1, retain: true });
  }
}

/** '' where it has none. */
function bootOf({ payload }: Message): string {
  try {
    const sample: unknown = JSON.parse(Buffer.from(payload).toString());
    const boot: unknown =
      typeof sample === 'object' && sample !== null && 'boot' in sample ? sample.boot : '';
    return typeof boot === 'string' ? boot : '';
  } catch {
    // No sample of anybody's: the recorder says so.
    return '';
  }
}
