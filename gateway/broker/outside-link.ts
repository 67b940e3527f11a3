// Keeps a connection to an outside broker: tries, waits, tries again, finds the protocol version, and says once what is
// wrong.
import { GatewayError } from '../../shared/errors.js';
import type { Clock, Log } from '../../shared/ports.js';
import type { IPublishPacket } from 'mqtt';
import { OutsideConnection } from './outside-connection.js';
import type { Connected, ConnectionOptions, MqttVersion } from './outside-connection.js';

export interface LinkEvents {
  up(connection: OutsideConnection, connected: Connected): void;
  received(connection: OutsideConnection, packet: IPublishPacket, identifiers: readonly number[]): void;
  down(): void;
}

export interface LinkOptions extends Omit<ConnectionOptions, 'version'> {
  readonly clock: Clock;
  readonly log: Log;
  /** The first pause before another try; doubled each time up to `mostMs`. */
  readonly retry: { readonly firstMs: number; readonly mostMs: number };
}

export class OutsideLink {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  #version: MqttVersion = 5;
  /** Opened, and not yet answered. */
  #trying: OutsideConnection | undefined;
  #cancelRetry = (): void => undefined;
  #pauseMs: number;
  #complained = false;
  #stopped = true;
  #connects = 0;

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#pauseMs = options.retry.firstMs;
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
    return new Promise((resolve) => {
      this.#try(resolve);
    });
  }

  /** No more tries. Who has the connection ends it. */
  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
    this.#trying?.breakOff();
  }

  /** A message was taken: the connection is good, the next pause is short again. */
  proved(): void {
    this.#pauseMs = this.#options.retry.firstMs;
  }

  #try(tried: () => void): void {
    let up = false;
    const connection = new OutsideConnection(
      { ...this.#options, version: this.#version },
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
    this.#complained = false;
    const facts = { broker: url.address, version: this.#version, sessionPresent: connected.sessionPresent };
    log.info(facts, 'connected to the outside broker');
    this.#events.up(connection, connected);
  }

  #closed(wasUp: boolean, error: Error | undefined, tried: () => void): void {
    this.#trying = undefined;
    if (wasUp) this.#events.down();
    if (this.#stopped) {
      tried();
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
    this.#complain(wasUp, error);
    tried();
    this.#retryLater();
  }

  #retryLater(): void {
    const { clock, retry } = this.#options;
    this.#cancelRetry = clock.after(this.#pauseMs, () => {
      this.#try(() => undefined);
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, retry.mostMs);
  }

  /** One line when it begins, not one a try. */
  #complain(wasUp: boolean, cause: Error | undefined): void {
    const { log, url } = this.#options;
    const err = new GatewayError('broker_unreachable', sentenceFor(wasUp, cause, url.address), { cause });
    const facts = { broker: url.address, code: err.code, err, retryInMs: this.#pauseMs };
    if (this.#complained) log.debug(facts, err.message);
    else log.warn(facts, err.message);
    this.#complained = true;
  }
}

/** CONNACK's "unacceptable protocol version" of 3.1.1 and 5, or a broker that only hangs up. */
function mayBeVersion(error: Error | undefined): boolean {
  if (error === undefined) return true;
  const code: unknown = 'code' in error ? error.code : undefined;
  return code === undefined || code === 1 || code === 132;
}

/** 4 and 5 in MQTT 3.1.1, 134 and 135 in MQTT 5: wrong user or password, not authorized. */
function sentenceFor(wasUp: boolean, error: Error | undefined, address: string): string {
  const code = error !== undefined && 'code' in error ? error.code : undefined;
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
