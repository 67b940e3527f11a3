// The door for a shell on the gateway's own machine: requests over a Unix socket in the data folder.
//
// Not over MQTT or the page's port: those may be of an outside broker, behind TLS, on another port or in need of a
// password. Whoever may use the data folder finds the socket there, and its file mode is its lock.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import type { RequestHandler } from '../../bridge/requests/requests.js';
import { parseJson } from '../../bridge/payload/payload.js';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import { encodeJson } from '../../shared/messages.js';
import type { Component, Log } from '../../shared/ports.js';
import { atControlSocket, controlSocketPath } from './socket-path.js';

export interface ControlSocketOptions {
  readonly dataDir: string;
  readonly handlers: ReadonlyMap<string, RequestHandler>;
  readonly log: Log;
  /** How long a connection may say nothing, and a request take to arrive. */
  readonly silenceMs?: number;
}

const OWNER_ONLY = 0o600;
const MOST_CONNECTIONS = 16;
/** A shell asks at once; who says nothing must not take the place of who does. */
const SILENCE_MS = 2000;
const MOST_BODY_BYTES = 16 * 1024;
const REQUEST_PATH = /^\/request\/([a-z0-9_]+)$/;

export class ControlSocket implements Component {
  readonly name = 'control socket';
  readonly #options: ControlSocketOptions;
  #server: Server | undefined;

  constructor(options: ControlSocketOptions) {
    this.#options = options;
  }

  /** Never rejects: where the disk has no sockets (FAT) all else works without it. */
  async start(): Promise<void> {
    const path = controlSocketPath(this.#options.dataDir);
    try {
      this.#server = await atControlSocket(this.#options.dataDir, (short) => this.#listen(short));
      await chmod(path, OWNER_ONLY);
    } catch (thrown) {
      const err = asGatewayError(thrown);
      this.#options.log.warn(
        { path, err },
        'the commands set, watch, alarms, acknowledge, scan, read, write and trace will not reach this gateway',
      );
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    // Node takes away the name it was given, which may have been a link's.
    await rm(controlSocketPath(this.#options.dataDir), { force: true });
  }

  async #listen(path: string): Promise<Server> {
    // What lies there is of a process that is gone: the lock of the data folder is ours by now.
    await rm(path, { force: true });
    const { silenceMs = SILENCE_MS } = this.#options;
    const limits = { headersTimeout: silenceMs, requestTimeout: silenceMs, connectionsCheckingInterval: 500 };
    const server = createServer(limits, (request, response) => void this.#serve(request, response));
    server.maxConnections = MOST_CONNECTIONS;
    // `once` rejects with the server's error.
    const listening = once(server, 'listening');
    server.listen(path);
    await listening;
    server.on('error', (err) => {
      this.#options.log.error({ err }, 'the control socket had an error');
    });
    return server;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const data = await this.#answer(request);
      say(response, 200, { status: 'ok', data });
    } catch (thrown) {
      const error = asGatewayError(thrown);
      if (error.code === 'internal') this.#options.log.error({ err: error }, 'a request of the shell failed');
      say(response, 422, { status: 'error', error: error.toBody() });
    }
  }

  async #answer(request: IncomingMessage): Promise<unknown> {
    const [, op = ''] = REQUEST_PATH.exec(request.url ?? '') ?? [];
    const handler = this.#options.handlers.get(op);
    if (handler === undefined || request.method !== 'POST')
      throw new GatewayError('unknown_request', `There is no request ${op.slice(0, 64)}.`);
    const body = parseJson(await bodyOf(request)) ?? {};
    if (typeof body !== 'object' || Array.isArray(body))
      throw new GatewayError('bad_payload', 'A request is a JSON object.');
    return handler(body as Readonly<Record<string, unknown>>, { client: 'shell' });
  }
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) throw new GatewayError('too_large', 'The request is over 16 KB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function say(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(encodeJson(body));
}
