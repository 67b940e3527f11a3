// Commands with their answers and everything on the event topic → the logbook, before their answers and
// acknowledgements go out; the gateway's own events directly, whatever its broker does. What anybody can cause by the thousand is kept up to so many a minute.
import { asGatewayError } from '../../shared/errors.js';
import type { EventEntry, Logbook, LogbookEntry } from '../../shared/logbook.js';
import type { Clock, Component, Log, Message, MessageBus, Unsubscribe } from '../../shared/ports.js';
import type { ReplyMessage } from '../../shared/messages.js';
import type { SiteTopics } from '../../shared/site-topics.js';
import { ID_PATTERN } from '../../shared/topics.js';
import type { AnsweredCommand } from '../messages/answered-command.js';
import { parseEvent } from './event.js';

export interface LogbookKeeperOptions {
  readonly messages: MessageBus;
  /** Whose events are kept: one gateway's, or those of many. */
  readonly site: SiteTopics;
  /** Whose commands they are. */
  readonly gateway: string;
  readonly logbook: Pick<Logbook, 'note'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Told after each entry that is on disk: there is something to deliver. */
  readonly onKept: () => void;
}

export interface LogbookCounts {
  readonly kept: number;
  /** Beyond so many a minute: commands that were not even tried, and events. */
  readonly leftOut: number;
  /** Not kept because the store did not take them. */
  readonly failed: number;
}

/** Who made the gateway's own writes; no client's entry has a `why`. */
const GATEWAY = { client: 'gateway' };
const MINUTE_MS = 60_000;
const decoder = new TextDecoder();
/** Own events whose copies a broker may still send back. */
const MOST_COPIES = 1000;
/** A flood of them must not push last night's commands out of a logbook that is bounded. */
const MOST_A_MINUTE = { refusals: 60, repeats: 60, events: 600 };

export class LogbookKeeper implements Component {
  readonly name = 'logbook';
  readonly #options: LogbookKeeperOptions;
  readonly #counts = { kept: 0, leftOut: 0, failed: 0 };
  readonly #refusals: Allowance;
  readonly #repeats: Allowance;
  readonly #events: Allowance;
  /** Payloads of own events, until their copies have come back. */
  readonly #copies = new Set<string>();
  #complained = false;
  #unsubscribe: Unsubscribe[] = [];

  constructor(options: LogbookKeeperOptions) {
    this.#options = options;
    this.#refusals = new Allowance(MOST_A_MINUTE.refusals, options.clock);
    this.#repeats = new Allowance(MOST_A_MINUTE.repeats, options.clock);
    this.#events = new Allowance(MOST_A_MINUTE.events, options.clock);
  }

  async start(): Promise<void> {
    const { messages, site } = this.#options;
    for (const filter of site.eventFilters)
      this.#unsubscribe.push(await messages.subscribeBeforeAck(filter, (message) => this.#event(message)));
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) await unsubscribe();
  }

  counts(): LogbookCounts {
    return { ...this.#counts };
  }

  /** Never rejects: a command is answered also where the disk is full. */
  async command({ device, name, args, by, reply }: AnsweredCommand): Promise<void> {
    if (!this.#isWorth(device, name, reply)) {
      this.#counts.leftOut += 1;
      return;
    }
    const { gateway, clock } = this.#options;
    const { id, status, error, ms, by: why, of, repeated = false } = reply;
    const ts = repeated ? clock.now() : reply.ts;
    const who = why === undefined ? by : GATEWAY;
    await this.#note({
      kind: 'command',
      ...{ ts, gateway, device, name, id, status, ms },
      ...(args === undefined ? {} : { args }),
      ...(error === undefined ? {} : { error }),
      ...(who === undefined ? {} : { by: who }),
      ...(why === undefined ? {} : { why }),
      ...(of === undefined ? {} : { of }),
      ...(repeated ? { repeats: reply.ts } : {}),
    });
  }

  #isWorth(device: string, name: string, { status, error, repeated }: ReplyMessage): boolean {
    if (repeated === true) return this.#repeats.take();
    if (status === 'done' || status === 'failed') return true;
    // It was acknowledged, and nobody may have waited for its answer: each has its line.
    if (error?.code === 'restarted') return true;
    // What names no device or command is nothing that was switched; and its name may be of any length.
    return ID_PATTERN.test(device) && ID_PATTERN.test(name) && this.#refusals.take();
  }

  /** An event of the gateway's own, before it is published; never rejects. */
  async own(payload: Uint8Array): Promise<void> {
    const [oldest] = this.#copies;
    if (this.#copies.size >= MOST_COPIES && oldest !== undefined) this.#copies.delete(oldest);
    this.#copies.add(decoder.decode(payload));
    await this.#keepEvent(payload, this.#options.gateway);
  }

  async #event(message: Message): Promise<void> {
    const { site, gateway: ownGateway } = this.#options;
    const gateway = site.gatewayOfEvent(message.topic);
    // A retained one is replayed at every subscription, and is no news.
    if (message.retain || gateway === undefined || !ID_PATTERN.test(gateway)) return;
    if (gateway === ownGateway && this.#copies.delete(decoder.decode(message.payload))) return;
    await this.#keepEvent(message.payload, gateway);
  }

  async #keepEvent(payload: Uint8Array, gateway: string): Promise<void> {
    const { clock, log } = this.#options;
    if (!this.#events.take()) {
      this.#counts.leftOut += 1;
      return;
    }
    let entry: EventEntry;
    try {
      entry = parseEvent(payload, gateway, clock.now());
    } catch (thrown) {
      const { code, message: why } = asGatewayError(thrown);
      log.warn({ code }, `a message on the event topic is no event and is not kept: ${why}`);
      return;
    }
    await this.#note(entry);
  }

  /** One line when it begins and one when it works again. */
  async #note(entry: LogbookEntry): Promise<void> {
    const { logbook, log, onKept } = this.#options;
    try {
      await logbook.note(entry);
      this.#counts.kept += 1;
      onKept();
      if (this.#complained) log.info({ ...this.#counts }, 'the logbook is kept again');
      this.#complained = false;
    } catch (thrown) {
      this.#counts.failed += 1;
      const error = asGatewayError(thrown, 'store_failed');
      if (!this.#complained) log.error({ code: error.code, err: error }, 'the logbook is not kept');
      this.#complained = true;
    }
  }
}

/** So many a minute. */
class Allowance {
  readonly #most: number;
  readonly #clock: Clock;
  #minute = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#clock = clock;
  }

  take(): boolean {
    const minute = Math.floor(this.#clock.monotonicMs() / MINUTE_MS);
    if (minute !== this.#minute) this.#taken = 0;
    this.#minute = minute;
    this.#taken += 1;
    return this.#taken <= this.#most;
  }
}
