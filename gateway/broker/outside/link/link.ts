// Keeps a connection to an outside broker: tries, waits, tries again, finds the protocol version, and says once what is
// wrong.
import { GatewayError } from '../../../../shared/errors.js';
import type { Clock, Log } from '../../../../shared/ports.js';
import type { IPublishPacket } from 'mqtt';
import { RepeatedLines } from '../../../logging/repeated-lines.js';
import { OutsideConnection } from './connection.js';
import { CutShort } from './cut-short.js';
import type { ConnectionEnd } from '../outgoing/size-limit.js';
import type { Connected, ConnectionOptions, MostQos, MqttVersion } from './connection.js';
import type { Rivals } from '../rivals/rivals.js';

export interface LinkEvents {
  /** `isFirstTry`: the broker was there at once after the last connection had ended. */
  up(connection: OutsideConnection, connected: Connected & { readonly isFirstTry: boolean }): void;
  received(connection: OutsideConnection, packet: IPublishPacket, identifiers: readonly number[]): void;
  down(end: ConnectionEnd): void;
}

export interface LinkOptions extends Omit<ConnectionOptions, 'version' | 'mostQos'> {
  readonly clock: Clock;
  readonly log: Log;
  /** The first pause before another try; doubled each time up to `mostMs`. */
  readonly retry: { readonly firstMs: number; readonly mostMs: number };
  readonly rivals: Rivals;
}

export class OutsideLink {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #cutShort: CutShort;
  readonly #lines: RepeatedLines;
  #version: MqttVersion = 5;
  #mostQos: MostQos = 1;
  /** Opened, and not yet answered. */
  #trying: OutsideConnection | undefined;
  #cancelRetry = (): void => undefined;
  #pauseMs: number;
  #complained = false;
  #stopped = true;
  /** Said already. */
  #isUnacknowledged = false;
  #connects = 0;
  /** Tries in vain since the last connection ended. */
  #failures = 0;

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#pauseMs = options.retry.firstMs;
    this.#cutShort = new CutShort(options.clock);
    this.#lines = new RepeatedLines(options.log, options.clock);
  }

  get connects(): number {
    return this.#connects;
  }

  get version(): MqttVersion {
    return this.#version;
  }

  /** Resolves after the first try, however it ended. */
  async start(): Promise<void> {
    this.#stopped = false;
    this.#lines.open();
    return new Promise((resolve) => {
      this.#try(resolve);
    });
  }

  /** No more tries. Who has the connection ends it. */
  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
    this.#lines.close();
    this.#trying?.breakOff();
  }

  /** A message was taken: the connection is good, the next pause is short again. */
  proved(): void {
    this.#pauseMs = this.#options.retry.firstMs;
  }

  #try(tried: () => void): void {
    let up = false;
    const connection = new OutsideConnection(
      { ...this.#options, version: this.#version, mostQos: this.#mostQos },
      {
        connected: (connected) => {
          up = true;
          this.#connected(connection, connected);
          tried();
        },
        received: (packet, identifiers) => {
          this.#events.received(connection, packet, identifiers);
        },
        closed: (error) => {
          const end = endOf(connection, error);
          if (up) {
            this.#cutShort.ended(end === 'hung_up');
            this.#events.down(end);
          } else this.#failures++;
          this.#closed(up, error, tried);
        },
      },
    );
    this.#trying = connection;
    connection.open();
  }

  #connected(connection: OutsideConnection, connected: Connected): void {
    const { log, url } = this.#options;
    this.#trying = undefined;
    this.#connects++;
    this.#cutShort.up();
    this.#complained = this.#cutShort.isTelling;
    this.#noteQos(connected.mostQos);
    const facts = { broker: url.address, version: this.#version, sessionPresent: connected.sessionPresent };
    const words = 'connected to the outside broker';
    if (this.#complained) this.#lines.say('info', undefined, facts, words);
    else log.info(facts, words);
    const isFirstTry = this.#failures === 0;
    this.#failures = 0;
    this.#events.up(connection, { ...connected, isFirstTry });
  }

  /** A will of QoS 1 is tried again once the broker says nothing of a limit any more. */
  #noteQos(mostQos: MostQos): void {
    const { log, url } = this.#options;
    this.#mostQos = mostQos;
    if (mostQos === 0 && !this.#isUnacknowledged)
      log.warn(
        { broker: url.address },
        'the outside broker takes QoS 0 alone: what is under way when the connection breaks is lost',
      );
    this.#isUnacknowledged = mostQos === 0;
  }

  #closed(wasUp: boolean, error: Error | undefined, tried: () => void): void {
    this.#trying = undefined;
    if (this.#stopped) {
      tried();
      return;
    }
    if (!wasUp && this.#mostQos === 1 && codeOf(error) === QOS_NOT_SUPPORTED) {
      this.#mostQos = 0;
      this.#try(tried);
      return;
    }
    if (!wasUp && mayBeVersion(error)) {
      // A broker that refuses MQTT 5 is asked again at once with 3.1.1; the other way round after the pause.
      this.#version = this.#version === 5 ? 4 : 5;
      if (this.#version === 4) {
        this.#try(tried);
        return;
      }
    }
    if (!wasUp || !this.#options.rivals.ended(error)) this.#complain(wasUp, error);
    if (wasUp && this.#cutShort.isTelling) this.#tellOfCutShort();
    tried();
    this.#retryLater();
  }

  get #nextPauseMs(): number {
    return this.#cutShort.pause(this.#pauseMs, this.#options.retry);
  }

  #retryLater(): void {
    const { clock, retry, rivals } = this.#options;
    const awayMs = rivals.takePause();
    this.#cancelRetry = clock.after(awayMs ?? this.#nextPauseMs, () => void this.#tryWhenFree());
    if (awayMs === undefined) this.#pauseMs = Math.min(this.#pauseMs * 2, retry.mostMs);
  }

  async #tryWhenFree(): Promise<void> {
    const isFree = await this.#options.rivals.isFree();
    if (this.#stopped) return;
    if (isFree) this.#try(() => undefined);
    else this.#retryLater();
  }

  #tellOfCutShort(): void {
    const { url, clientId } = this.#options;
    const facts = { broker: url.address, client: clientId, times: this.#cutShort.times };
    const retryInMs = this.#nextPauseMs;
    const why = `another client uses the id ${clientId} as well, or the broker does not take what it is sent`;
    const words = `the outside broker ${url.address} closes the connection again and again, soon after it began, without a word: ${why}. Trying again after growing pauses`;
    this.#lines.say('warn', undefined, { ...facts, retryInMs }, words);
  }

  /** One line when it begins, not one a try. */
  #complain(wasUp: boolean, cause: Error | undefined): void {
    const { log, url } = this.#options;
    const err = new GatewayError('broker_unreachable', sentenceFor(wasUp, cause, url.address), { cause });
    const facts = { broker: url.address, code: err.code, err, retryInMs: this.#nextPauseMs };
    if (this.#complained) log.debug(facts, err.message);
    else log.warn(facts, err.message);
    this.#complained = true;
  }
}

/** Of CONNACK (MQTT 5.0, table 3-1): the will's is meant. */
const QOS_NOT_SUPPORTED = 155;

function codeOf(error: Error | undefined): unknown {
  return error !== undefined && 'code' in error ? error.code : undefined;
}

/** MQTT 5's reason 149 is "packet too large"; the other reasons say what else it was, and so does a time-out. */
function endOf({ isBroken }: OutsideConnection, error: Error | undefined): ConnectionEnd {
  const code = codeOf(error);
  if (code === 149) return 'too_large';
  return isBroken || typeof code === 'number' || error?.message === 'Keepalive timeout' ? 'other' : 'hung_up';
}

/** CONNACK's "unacceptable protocol version" of 3.1.1 and 5, or a broker that only hangs up. */
function mayBeVersion(error: Error | undefined): boolean {
  const code = codeOf(error);
  return code === undefined || code === 1 || code === 132;
}

/** 4 and 5 in MQTT 3.1.1, 134 and 135 in MQTT 5: wrong user or password, not authorized. */
function sentenceFor(wasUp: boolean, error: Error | undefined, address: string): string {
  const code = codeOf(error);
  const message = error === undefined ? 'it closed the connection' : error.message;
  // A refused connection to both addresses of a name has a code and no message.
  const why = message === '' && typeof code === 'string' ? code : message;
  if (typeof code === 'number' && [4, 5, 134, 135].includes(code)) {
    return `the outside broker ${address} refuses the user or password (${why}). Check --mqtt; trying again`;
  }
  const begin = wasUp ? 'the connection to the outside broker' : 'the outside broker';
  const verb = wasUp ? 'was lost' : 'cannot be reached';
  return `${begin} ${address} ${verb} (${why}); trying again`;
}
