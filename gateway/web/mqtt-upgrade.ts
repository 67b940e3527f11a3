// Lets MQTT clients in over WebSocket, or says in one line why not.
import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type * as Ws from 'ws';
import type { Log } from '../../shared/ports.js';
import { mayConnect, type PageOrigins } from './origin.js';
import { commonJs } from '../process/common-js.js';
import { WebSocketStream } from './websocket-stream.js';

const { WebSocketServer } = commonJs('ws') as typeof Ws;

/** `mqtt` is MQTT's own name [MQTT-6.0.0-3]; `mqttv3.1` is what old clients say. */
const PROTOCOLS = ['mqtt', 'mqttv3.1'];

export interface MqttUpgradeOptions {
  readonly path: string;
  readonly maxFrameBytes: number;
  readonly origins: PageOrigins;
  readonly onSocket: (stream: Duplex, request: IncomingMessage) => void;
  readonly log: Log;
}

interface Refusal {
  readonly status: number;
  readonly reason: string;
}

export class MqttUpgrade {
  readonly #options: MqttUpgradeOptions;
  readonly #server: Ws.WebSocketServer;
  #refused = 0;

  constructor(options: MqttUpgradeOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxFrameBytes,
      // Small binary packets do not shrink, and each connection would hold a window of memory.
      perMessageDeflate: false,
      handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
    });
  }

  get refused(): number {
    return this.#refused;
  }

  /** For the `upgrade` event of the HTTP server. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Nobody else listens while the handshake lasts, and an unheard error would end the process.
    socket.on('error', (err) => {
      this.#options.log.debug({ err }, 'a WebSocket handshake failed');
    });
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) {
      this.#refuse(request, socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#options.onSocket(new WebSocketStream(webSocket, socket), request);
    });
  }

  #refusalOf(request: IncomingMessage): Refusal | undefined {
    const { origin, host } = request.headers;
    if (request.url?.split('?')[0] !== this.#options.path) {
      return { status: 404, reason: `MQTT over WebSocket is at ${this.#options.path}.` };
    }
    if (!mayConnect(origin, host, this.#options.origins)) {
      return { status: 403, reason: 'Pages from this origin may not connect.' };
    }
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!PROTOCOLS.some((protocol) => offered.includes(protocol))) {
      return { status: 400, reason: 'Ask for the WebSocket subprotocol "mqtt".' };
    }
    return undefined;
  }

  #refuse(request: IncomingMessage, socket: Duplex, { status, reason }: Refusal): void {
    this.#refused++;
    const { origin, host } = request.headers;
    const facts = { status, origin, host, address: request.socket.remoteAddress, url: request.url };
    this.#options.log.info(facts, `refused a WebSocket: ${reason}`);
    const head = `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n`;
    const type = `Content-Type: text/plain\r\nContent-Length: ${String(Buffer.byteLength(reason))}\r\n\r\n`;
    // An upgraded socket is in none of Node's limits, and stays half open for as long as its client likes.
    socket.once('finish', () => socket.destroy());
    socket.end(head + type + reason);
  }
}
