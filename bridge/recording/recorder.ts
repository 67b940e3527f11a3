// Samples → the outbox: those of clients by their telemetry topics, the gateway's own directly, whatever its broker does.
// A client has its acknowledgement only when its sample is on disk (docs/promises.md, 3).
import { defined } from '../../shared/config/defined.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import type { Clock, Component, Log, Message, MessageBus } from '../../shared/ports.js';
import type { Outbox } from '../../shared/stores.js';
import type { IncomingSample, Sample } from '../../shared/sample.js';
import type { SiteTopics } from '../../shared/site-topics.js';
import { ID_PATTERN } from '../../shared/topics.js';
import { RefusalTally, type Refusals } from '../messages/refusal-tally.js';
import { parseTelemetry } from './payload.js';
import type { TimeKeeper } from './time-keeper.js';

/** This process as a source of samples. */
export interface OwnSource {
  readonly gateway: string;
  readonly boot: string;
}

/** One that this process has read. */
export interface OwnSample {
  readonly device: string;
  readonly sample: Sample;
}

export interface RecorderOptions {
  readonly messages: MessageBus;
  /** Whose telemetry is recorded: one gateway's, or that of many. */
  readonly site: SiteTopics;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  /** Told when something was kept: there is something to deliver. */
  readonly onAccepted: () => void;
  /** Where it reads devices itself: of what it kept by `keep`, the copy that a broker sends back is none more. */
  readonly own?: OwnSource;
  /** Says which time each sample has, whoever sent it. */
  readonly time: Pick<TimeKeeper, 'timeOf'>;
}

export interface RecorderCounts {
  readonly accepted: number;
  /** Acknowledged and kept as a dead letter, because it is no sample: sending it again would not help. */
  readonly invalid: number;
  /** Of those that had most, the count and the newest reason. */
  readonly invalidByDevice?: Refusals;
  /** Not acknowledged, because the outbox did not take it: the sender has it still. */
  readonly refused: number;
}

export class Recorder implements Component {
  readonly name = 'recorder';
  readonly #options: RecorderOptions;
  readonly #counts = { accepted: 0, invalid: 0, refused: 0 };
  /** By device: the `seq` behind the last sample that came by `keep`. */
  readonly #kept = new Map<string, number>();
  readonly #invalid = new RefusalTally();
  #stopping = false;
  #refusing = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { messages, site } = this.#options;
    for (const filter of site.telemetryFilters)
      await messages.subscribeBeforeAck(filter, (message) => this.#record(message));
  }

  /** Stays in the way of every acknowledgement: what comes while the broker stops is refused, so its sender keeps it. */
  stop(): Promise<void> {
    this.#stopping = true;
    return Promise.resolve();
  }

  counts(): RecorderCounts {
    return { ...this.#counts, ...defined({ invalidByDevice: this.#invalid.told() }) };
  }

  /** The gateway's own, all of them or none. Resolves with whether they are kept, whatever kills this process; never rejects. */
  async keep(samples: readonly OwnSample[]): Promise<boolean> {
    try {
      // Nobody waits for an acknowledgement of them: they share a flush with others.
      await this.#append(
        samples.map((own) => this.#ownOf(own)),
        { lazily: true },
      );
      return true;
    } catch {
      // Counted and said by `#append`; nobody has them who could send them again.
      return false;
    }
  }

  #ownOf({ device, sample: { boot, seq, ts, clock, ...sample } }: OwnSample): IncomingSample {
    const { own, time } = this.#options;
    this.#kept.set(device, seq + 1);
    const kept = { ...sample, ...time.timeOf({ by: 'own', ts, clock }) };
    return { ...kept, gateway: own?.gateway ?? '', device, identity: { boot, seq } };
  }

  async #record(message: Message): Promise<void> {
    if (this.#stopping) throw new GatewayError('closed', 'The gateway is stopping.');
    const sample = this.#sampleOf(message);
    if (sample instanceof GatewayError) await this.#bury(message, sample);
    else if (!this.#isCopy(sample, message)) await this.#append([sample]);
  }

  /** A client that is known to have sent it is believed, whatever it says it is. */
  #isCopy({ gateway, device, identity }: IncomingSample, { sender }: Message): boolean {
    const { own } = this.#options;
    if (own === undefined || identity === undefined || sender !== undefined) return false;
    const isOwn = gateway === own.gateway && identity.boot === own.boot;
    return isOwn && identity.seq < (this.#kept.get(device) ?? 0);
  }

  async #append(samples: readonly IncomingSample[], how: { readonly lazily?: boolean } = {}): Promise<void> {
    await this.#onDisk(() => this.#options.outbox.append(samples, how), samples.length);
    this.#counts.accepted += samples.length;
    this.#options.onAccepted();
  }

  /** Its sender has been told that it is kept, and MQTT 3.1.1 has no way to say that it is wrong. */
  async #bury({ topic, payload, retain }: Message, error: GatewayError): Promise<void> {
    const { outbox, site } = this.#options;
    const { gateway, device } = site.placeOfTelemetry(topic) ?? { gateway: '', device: '' };
    const reason = `${error.code}: ${error.message}`;
    // One that is retained the broker has still, and sends it again at every subscription.
    if (!retain) await this.#onDisk(() => outbox.bury({ topic, gateway, device, payload, reason }));
    this.#noteInvalid(topic, error);
  }

  async #onDisk(write: () => Promise<void>, messages = 1): Promise<void> {
    try {
      await write();
    } catch (thrown) {
      this.#noteRefusal(asGatewayError(thrown, 'store_failed'), messages);
      throw thrown;
    }
    if (this.#refusing) this.#options.log.info({ ...this.#counts }, 'samples are accepted again');
    this.#refusing = false;
  }

  #sampleOf(message: Message): IncomingSample | GatewayError {
    const { site, clock, time } = this.#options;
    try {
      const { gateway, device } = site.placeOfTelemetry(message.topic) ?? { gateway: '', device: '' };
      if (!ID_PATTERN.test(gateway) || !ID_PATTERN.test(device))
        throw new GatewayError('bad_payload', 'The topic names no gateway and device id.');
      const { ts, clock: mark, ...sample } = parseTelemetry(message.payload, gateway, device, clock.now());
      // Replayed at every subscription, it would be stored again each time: nothing tells the copies apart.
      if (message.retain && sample.identity === undefined) {
        throw new GatewayError(
          'bad_payload',
          'Retained telemetry needs boot and seq, or it would be recorded again and again.',
        );
      }
      const given = { by: 'client', ts, clock: mark, boot: sample.identity?.boot } as const;
      return { ...sample, ...time.timeOf(given) };
    } catch (thrown) {
      return asGatewayError(thrown);
    }
  }

  #noteInvalid(topic: string, error: GatewayError): void {
    const { site, clock, log } = this.#options;
    this.#counts.invalid += 1;
    this.#invalid.note(site.nameOf(topic), error, clock.now());
    log.warn(
      { topic: topic.slice(0, 200), code: error.code },
      `telemetry that is no sample is kept as a dead letter: ${error.message}`,
    );
  }

  /** One line when it begins, not one a message: a full disk must not fill the log as well. */
  #noteRefusal(error: GatewayError, messages: number): void {
    this.#counts.refused += messages;
    if (!this.#refusing)
      this.#options.log.error({ code: error.code, err: error }, 'samples are not accepted');
    this.#refusing = true;
  }
}
