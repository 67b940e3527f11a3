// Where MQTT clients come in over TCP. Apart from the broker, because it opens last and closes first: nobody is let in
// before everything that must hear a message listens, and replies still go out to clients while it is closed.
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { GatewayError } from '../../../shared/errors.js';
import type { Clock, Component, Log } from '../../../shared/ports.js';
import { RepeatedLines } from '../../logging/repeated-lines.js';
import type { Certificates } from '../../tls/certificates.js';
import { sayFailedHandshake } from './failed-handshake.js';
import { listen, type Endpoint } from './listen.js';
import { boundSilent, placeOf } from './pending-connections.js';

export interface TcpDoorOptions extends Endpoint {
  readonly onConnection: (socket: Socket) => void;
  readonly onClosed?: () => void;
  /** Done before anybody is let in. */
  readonly beforeOpen?: () => Promise<void>;
  readonly log: Log;
  readonly clock: Pick<Clock, 'after'>;
  /** With them it is MQTT over TLS. */
  readonly certificates?: Certificates;
}

/** TLS handshakes under way; the broker bounds what comes behind them. */
const MOST_HANDSHAKES = 100;
const SOCKETS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 } as const;

export class TcpDoor implements Component {
  readonly name: string;
  readonly #options: TcpDoorOptions;
  readonly #lines: RepeatedLines;
  #stopRefreshing: (() => void) | undefined;
  #open: { readonly server: Server; readonly port: number } | undefined;

  constructor(options: TcpDoorOptions) {
    this.#options = options;
    this.#lines = new RepeatedLines(options.log, options.clock);
    this.name = options.certificates === undefined ? 'MQTT listener' : 'MQTT listener with TLS';
  }

  /** The real port, known once started. */
  get port(): number {
    if (this.#open === undefined) throw new GatewayError('closed', 'the MQTT listener is not open');
    return this.#open.port;
  }

  /** `mqtt://127.0.0.1:1883`, or `mqtts://…` */
  get url(): string {
    const { host, certificates } = this.#options;
    return `${certificates === undefined ? 'mqtt' : 'mqtts'}://${host.includes(':') ? `[${host}]` : host}:${String(this.port)}`;
  }

  /** Rejects with address_in_use or listen_failed. */
  async start(): Promise<void> {
    await this.#options.beforeOpen?.();
    this.#lines.open();
    const { host, log } = this.#options;
    const server = this.#server();
    const port = await listen(server, this.#options, 'MQTT');
    // After the start a listener's error (no descriptors left, say) costs single connections, not the broker.
    server.on('error', (err) => {
      log.error({ err }, 'the MQTT listener had an error');
    });
    this.#open = { server, port };
    log.info({ host, port }, `${this.name} is open`);
  }

  /** Lets nobody in any more. Who is connected stays until the broker stops, so the server's own close is not awaited. */
  stop(): Promise<void> {
    this.#stopRefreshing?.();
    this.#lines.close();
    this.#open?.server.close();
    this.#open = undefined;
    this.#options.onClosed?.();
    return Promise.resolve();
  }

  #server(): Server {
    const { certificates, onConnection } = this.#options;
    if (certificates === undefined) return createServer(SOCKETS, onConnection);
    const server = createTlsServer({ ...SOCKETS, ...certificates.options() });
    const pending = boundSilent(server, MOST_HANDSHAKES);
    server.on('secureConnection', (socket) => {
      pending.settle(placeOf(socket));
      onConnection(socket);
    });
    server.on('tlsClientError', (err, socket) => {
      sayFailedHandshake(this.#lines, socket.remoteAddress, err);
    });
    this.#stopRefreshing = certificates.keepFresh(server);
    return server;
  }
}
