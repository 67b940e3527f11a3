// Plain HTTP for those who would rather not speak MQTT: devices, commands and history, with the same payloads and answers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asGatewayError, GatewayError } from '../../shared/errors.js';
import type { Caller } from './access.js';
import type { RequestBodies } from './bodies.js';
import { mayConnect, type PageOrigins } from './origin.js';
import { routeOf, type Answer, type ApiActions } from './routes.js';
import { statusOfError } from './status.js';

const PREFIX = '/api/';

export function isApi(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Who asks, which other pages may be where it is asked from, and what holds the bodies. */
export interface Asking {
  readonly caller: Caller;
  readonly origins: PageOrigins;
  readonly bodies: RequestBodies;
}

/** Answers one request, with JSON in every case but CSV that was asked for. Never rejects. */
export async function answerApi(
  actions: ApiActions,
  request: IncomingMessage,
  response: ServerResponse,
  asking: Asking,
): Promise<void> {
  try {
    const { status, body, csv, link: page } = await answerOf(actions, request, asking);
    const link = page === undefined ? {} : { Link: page };
    if (csv === undefined) json(response, status, body, link);
    else send(response, status, 'text/csv; charset=utf-8', `${csv.join('\r\n')}\r\n`, link);
  } catch (thrown) {
    const error = asGatewayError(thrown);
    json(response, statusOfError(error.code), { status: 'error', error: error.toBody() });
  }
}

async function answerOf(
  actions: ApiActions,
  request: IncomingMessage,
  { caller, origins, bodies }: Asking,
): Promise<Answer> {
  const { origin, host } = request.headers;
  if (!mayConnect(origin, host, origins))
    throw new GatewayError('forbidden', 'Pages from this origin may not use the API.');
  const url = new URL(request.url ?? '/', 'http://here');
  const { route, levels } = routeOf(request.method, url.pathname);
  return route.answer({ actions, request, url, caller, bodies, levels });
}

function json(response: ServerResponse, status: number, body: unknown, headers: Headers = {}): void {
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`, headers);
}

type Headers = Readonly<Record<string, string>>;

function send(response: ServerResponse, status: number, type: string, text: string, headers: Headers): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    ...headers,
    // A body that was cut off for its size still arrives: the connection is of no more use.
    ...(response.req.destroyed && !response.req.complete ? { Connection: 'close' } : {}),
  });
  response.end(text);
}
