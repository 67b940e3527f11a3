// Telemetry topics → the outbox. A sender has its acknowledgement only when its sample is on disk (DESIGN promise 3).
import { asGatewayError, GatewayError } from '../shared/errors.js';
import type { Clock, Component, Log, Message, MessageBus, Outbox } from '../shared/ports.js';
import type { IncomingSample } from '../shared/sample.js';
import type { SiteTopics } from '../shared/site-topics.js';
import { ID_PATTERN } from '../shared/topics.js';
import { parseTelemetry } from './telemetry-payload.js';

export interface RecorderOptions {
  readonly messages: MessageBus;
  /** Whose telemetry is recorded: one gateway's, or that of many. */
  readonly site: SiteTopics;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  /** Told after each sample that is on disk: there is something to deliver. */
  readonly onAccepted: () => void;
  /** A sample as it is to be kept, where that is not as it came. */
  readonly adjust?: (sample: IncomingSample) => IncomingSample;
}

export interface RecorderCounts {
  readonly accepted: number;
  /** Acknowledged and thrown away, because it is no sample: sending it again would not help. */
  readonly invalid: number;
  /** Not acknowledged, because the outbox did not take it: the sender has it still. */
  readonly refused: number;
}

export class Recorder implements Component {
  readonly name = 'recorder';
  readonly #options: RecorderOptions;
  readonly #counts = { accepted: 0, invalid: 0, refused: 0 };
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
    return { ...this.#counts };
  }

  async #record(message: Message): Promise<void> {
    if (this.#stopping) throw new GatewayError('closed', 'The gateway is stopping.');
    const sample = this.#sampleOf(message);
    if (sample === undefined) return;
    try {
      await this.#options.outbox.append([sample]);
    } catch (thrown) {
      this.#noteRefusal(asGatewayError(thrown, 'store_failed'));
      throw thrown;
    }
    this.#counts.accepted += 1;
    this.#options.onAccepted();
    if (this.#refusing) this.#options.log.info({ ...this.#counts }, 'samples are accepted again');
    this.#refusing = false;
  }

  #sampleOf(message: Message): IncomingSample | undefined {
    const { site, clock, adjust } = this.#options;
    try {
      const { gateway, device } = site.placeOfTelemetry(message.topic) ?? { gateway: '', device: '' };
      if (!ID_PATTERN.test(gateway) || !ID_PATTERN.test(device))
        throw new GatewayError('bad_payload', 'The topic names no gateway and device id.');
      const sample = parseTelemetry(message.payload, gateway, device, clock.now());
      // Replayed at every subscription, it would be stored again each time: nothing tells the copies apart.
      if (message.retain && sample.identity === undefined) {
        throw new GatewayError(
          'bad_payload',
          'Retained telemetry needs boot and seq, or it would be recorded again and again.',
        );
      }
      return adjust === undefined ? sample : adjust(sample);
    } catch (thrown) {
      this.#noteInvalid(message, asGatewayError(thrown));
      return undefined;
    }
  }

  #noteInvalid(message: Message, error: GatewayError): void {
    this.#counts.invalid += 1;
    this.#options.log.warn(
      { topic: message.topic.slice(0, 200), code: error.code },
      `telemetry that is no sample was dropped: ${error.message}`,
    );
  }

  /** One line when it begins, not one a message: a full disk must not fill the log as well. */
  #noteRefusal(error: GatewayError): void {
    this.#counts.refused += 1;
    if (!this.#refusing)
      this.#options.log.error({ code: error.code, err: error }, 'samples are not accepted');
    this.#refusing = true;
  }
}
