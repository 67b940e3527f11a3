// The web side of the gateway: the status page, /healthz, and MQTT over WebSocket at /mqtt.
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { defined } from '../../shared/config/defined.js';
import { GatewayError } from '../../shared/errors.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import { within } from '../../shared/within.js';
import { listen } from '../broker/doors/listen.js';
import { boundSilent, placeOf, type PendingConnections } from '../broker/doors/pending-connections.js';
import type { ApiActions } from './routes.js';
import { sayFailedHandshake } from '../broker/doors/failed-handshake.js';
import { RepeatedLines } from '../logging/repeated-lines.js';
import type { Certificates } from '../tls/certificates.js';
import { loadAssets } from './assets.js';
import { RequestBodies } from './bodies.js';
import { MqttUpgrade } from './mqtt-upgrade.js';
import { answerPages } from './cross-origin.js';
import { EVERY_CALLER, type HttpAccess } from './access.js';
import { HttpConnections, type HttpConnectionLimits } from './connections.js';
import { answer, answerUnknown, isOpenToAll, type Content } from './responses.js';
import type { HealthReport } from './responses.js';
import type { GatewayFacts } from './facts.js';
import type { CommandNames } from './facts-for.js';
import type { PageOrigins } from './origin.js';
import { asksForWebSocket, serveWithoutUpgrade } from './without-upgrade.js';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 lets the system choose; `port` tells which. */
  readonly port: number;
  readonly health: () => HealthReport;
  readonly facts: () => GatewayFacts;
  /** By device; the page is told which of them who asks may not send. */
  readonly commandNames?: () => CommandNames;
  /** Without it everybody is let in, with every right. */
  readonly access?: HttpAccess;
  /** With them it is https and wss. */
  readonly certificates?: Certificates;
  /** Origins of other pages that may use the API and MQTT over WebSocket. */
  readonly origins?: readonly string[];
  readonly maxFrameBytes?: number;
  readonly mostConnections?: HttpConnectionLimits;
  readonly unreadMs?: number;
  /** Where several servers share one, their requests share its room. */
  readonly bodies?: RequestBodies;
  /** For /metrics, in Prometheus' text format. */
  readonly metrics?: () => Promise<string>;
  /** Without it there is no API. */
  readonly api?: ApiActions;
  /** Takes an MQTT client's byte stream; without it there is no MQTT over WebSocket here. */
  readonly onMqttSocket?: (stream: Duplex, request: IncomingMessage) => void;
  readonly log: Log;
  readonly clock: Clock;
}

const MQTT_PATH = '/mqtt';
/** A client may join packets in a frame; each packet has the broker's own limit besides. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** WebSockets are not among them: `limits.connections` bounds those. */
const MOST_CONNECTIONS = { most: 1000, mostPerAddress: 500 };
/** An answer of which nothing was read for so long is nobody's. */
const UNREAD_MS = 30_000;
/** Connections that have asked for nothing yet; the oldest goes first. */
const MOST_SILENT = 100;
/** Everything here is answered from memory. */
const ANSWER_WITHIN_MS = 200;
/** Slow headers hold a connection no longer than this (slow loris). */
const SERVER_LIMITS = {
  noDelay: true,
  maxHeaderSize: 8192,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
} as const;

export class HttpServer implements Component {
  readonly name: string;
  readonly #options: HttpServerOptions;
  readonly #bodies: RequestBodies;
  readonly #lines: RepeatedLines;
  #server: Server | undefined;
  #stopRefreshing: (() => void) | undefined;
  #port = 0;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#bodies = options.bodies ?? new RequestBodies();
    this.#lines = new RepeatedLines(options.log, options.clock);
    this.name = options.certificates === undefined ? 'web server' : 'web server with TLS';
  }

  /** Known once started. */
  get port(): number {
    if (this.#server === undefined) throw new GatewayError('closed', 'the web server is not running');
    return this.#port;
  }

  /** `http://127.0.0.1:8080/`, or `https://…` */
  get url(): string {
    const { host, certificates } = this.#options;
    const at = `${host.includes(':') ? `[${host}]` : host}:${String(this.port)}`;
    return `${certificates === undefined ? 'http' : 'https'}://${at}/`;
  }

  /** Rejects with address_in_use or listen_failed. */
  async start(): Promise<void> {
    const { host, health, facts, commandNames = () => new Map(), metrics, api, log } = this.#options;
    this.#lines.open();
    const assets = await loadAssets();
    const content = { assets, health, facts, commandNames, ...defined({ metrics, api }) };
    const server = this.#create((request, response) => {
      silent.settle(placeOf(request.socket));
      this.#answer(content, request, response).catch((err: unknown) => {
        this.#failed(err, response);
      });
    });
    const connections = new HttpConnections(this.#options.mostConnections ?? MOST_CONNECTIONS, log);
    connections.listen(server);
    server.timeout = this.#options.unreadMs ?? UNREAD_MS;
    server.on('timeout', (socket: Socket) => {
      // Else it waits for us.
      if (socket.writableLength > 0) socket.destroy();
    });
    const silent = boundSilent(server, MOST_SILENT);
    this.#upgradeOn(server, silent, connections);
    const guarded = this.#options.access?.isGuarded ?? false;
    this.#port = await listen(server, { ...this.#options, guarded }, 'The web server');
    server.on('error', (err) => {
      log.error({ err }, 'the web server had an error');
    });
    this.#server = server;
    log.info({ host, port: this.#port }, `${this.name} listens`);
  }

  /**
   * Lets nobody in any more; a request that is being answered has a moment to end. MQTT clients stay, as those over TCP
   * do: the broker ends them when everything is said (Node leaves upgraded sockets to whoever took them).
   */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#stopRefreshing?.();
    this.#lines.close();
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    server.closeIdleConnections();
    await within(closed, ANSWER_WITHIN_MS, this.#options.clock);
    server.closeAllConnections();
  }

  #create(onRequest: RequestListener): Server {
    const { certificates } = this.#options;
    if (certificates === undefined) return createServer(SERVER_LIMITS, onRequest);
    const server = createHttpsServer({ ...SERVER_LIMITS, ...certificates.options() }, onRequest);
    server.on('tlsClientError', (err, socket) => {
      sayFailedHandshake(this.#lines, socket.remoteAddress, err);
    });
    this.#stopRefreshing = certificates.keepFresh(server);
    return server;
  }

  #upgradeOn(server: Server, silent: PendingConnections<string>, connections: HttpConnections): void {
    const { log, onMqttSocket: onSocket } = this.#options;
    // Without a listener Node serves an upgrade request like any other: /mqtt is then not found.
    if (onSocket === undefined) return;
    const upgrade = new MqttUpgrade({
      path: MQTT_PATH,
      maxFrameBytes: this.#options.maxFrameBytes ?? MAX_FRAME_BYTES,
      origins: this.#origins(),
      onSocket: (stream, request) => {
        connections.handOver(request.socket);
        onSocket(stream, request);
      },
      log,
    });
    server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
      silent.settle(placeOf(request.socket));
      if (!asksForWebSocket(request)) serveWithoutUpgrade(server, request, socket, head);
      else upgrade.handle(request, socket, head);
    });
  }

  async #answer(content: Content, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { access } = this.#options;
    const origins = this.#origins();
    if (answerPages(request, response, origins)) return;
    // Whoever watches over the process has no user, and learns only whether it is well; the page's files are no secret.
    const isOpen = access === undefined || isOpenToAll(request.url?.split('?')[0] ?? '', content.assets);
    const caller = isOpen ? EVERY_CALLER : await access.callerOf(request);
    if (caller === undefined) answerUnknown(request, response);
    else await answer(content, request, response, { caller, origins, bodies: this.#bodies });
  }

  #origins(): PageOrigins {
    const { access, origins = [] } = this.#options;
    // As browsers write them: without the port that goes without saying, or a slash.
    return { allowed: origins.map((text) => new URL(text).origin), anyName: access?.isGuarded ?? false };
  }

  /** A mistake in a callback costs this answer, not the process. */
  #failed(err: unknown, response: ServerResponse): void {
    this.#options.log.error({ err }, 'a web request failed');
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  }
}
