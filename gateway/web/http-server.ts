// The web side of the gateway: the status page, /healthz, and MQTT over WebSocket at /mqtt.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../../shared/errors.js';
import type { Clock, Component, Log } from '../../shared/ports.js';
import { within } from '../broker/deadline.js';
import { listen } from '../broker/listen.js';
import { loadAssets } from './assets.js';
import { MqttUpgrade } from './mqtt-upgrade.js';
import { answer } from './responses.js';
import type { HealthReport, PageFacts } from './responses.js';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 lets the system choose; `port` tells which. */
  readonly port: number;
  readonly health: () => HealthReport;
  readonly facts: () => PageFacts;
  /** Takes an MQTT client's byte stream; without it there is no MQTT over WebSocket here. */
  readonly onMqttSocket?: (stream: Duplex, request: IncomingMessage) => void;
  readonly log: Log;
  readonly clock: Clock;
}

const MQTT_PATH = '/mqtt';
/** A client may join packets in a frame; each packet has the broker's own limit besides. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
const MAX_CONNECTIONS = 1000;
const STOP_DEADLINE_MS = 2000;
/** Slow headers hold a connection no longer than this (slow loris). */
const SERVER_LIMITS = {
  noDelay: true,
  maxHeaderSize: 8192,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
} as const;

interface Running {
  readonly server: Server;
  readonly upgrade: MqttUpgrade | undefined;
  readonly port: number;
}

export class HttpServer implements Component {
  readonly name = 'web server';
  readonly #options: HttpServerOptions;
  #running: Running | undefined;

  constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  /** Known once started. */
  get port(): number {
    if (this.#running === undefined) throw new GatewayError('closed', 'the web server is not running');
    return this.#running.port;
  }

  /** Rejects with address_in_use or listen_failed. */
  async start(): Promise<void> {
    const { host, health, facts, log } = this.#options;
    const content = { assets: await loadAssets(), health, facts };
    const server = createServer(SERVER_LIMITS, (request, response) => {
      this.#answer(() => {
        answer(content, request, response);
      }, response);
    });
    server.maxConnections = MAX_CONNECTIONS;
    const upgrade = this.#upgradeOn(server);
    const port = await listen(server, this.#options, 'The web server');
    server.on('error', (err) => {
      log.error({ err }, 'the web server had an error');
    });
    this.#running = { server, upgrade, port };
    log.info({ host, port }, 'web server listens');
  }

  /** Kept-alive connections and WebSockets are ended; a request that is being answered has until the deadline. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    const closed = new Promise<void>((resolve) => {
      running.server.close(() => {
        resolve();
      });
    });
    running.upgrade?.close();
    running.server.closeIdleConnections();
    const outcome = await within(closed, STOP_DEADLINE_MS, this.#options.clock);
    if (outcome === 'given_up') running.server.closeAllConnections();
  }

  #upgradeOn(server: Server): MqttUpgrade | undefined {
    const { log, onMqttSocket: onSocket } = this.#options;
    // Without a listener Node serves an upgrade request like any other: /mqtt is then not found.
    if (onSocket === undefined) return undefined;
    const upgrade = new MqttUpgrade({ path: MQTT_PATH, maxFrameBytes: MAX_FRAME_BYTES, onSocket, log });
    server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
      upgrade.handle(request, socket, head);
    });
    return upgrade;
  }

  /** A mistake in a callback costs this answer, not the process. */
  #answer(respond: () => void, response: ServerResponse): void {
    try {
      respond();
    } catch (err) {
      this.#options.log.error({ err }, 'a web request failed');
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    }
  }
}
