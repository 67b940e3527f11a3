// What the HTTP server answers: the page, its files, the facts it shows, and whether the gateway is well.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTENT_TYPE } from '../metrics/exposition.js';
import { answerApi, isApi, type Asking } from './api.js';
import type { ApiActions } from './routes.js';
import type { Asset } from './assets.js';
import type { GatewayFacts, PageDoor } from './facts.js';
import { factsFor, type CommandNames } from './facts-for.js';
import { mayBeCalled } from './origin.js';
import { contentPolicy } from './content-policy.js';

export interface HealthReport {
  readonly ok: boolean;
  /** One sentence each; may be there while all is well. */
  readonly reasons: readonly string[];
}

export interface Content {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly health: () => HealthReport;
  readonly facts: () => GatewayFacts;
  /** Of this gateway's devices. */
  readonly commandNames: () => CommandNames;
  /** In Prometheus' text format; without it there is no /metrics. */
  readonly metrics?: () => Promise<string>;
  readonly api?: ApiActions;
}

const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
} as const;

const FACTS_PATH = '/page/facts.json';
const FOR_EVER = 'public, max-age=31536000, immutable';

/** What needs no name: whether all is well, and the page itself, which asks for one. */
export function isOpenToAll(path: string, assets: Content['assets']): boolean {
  return path === '/healthz' || assets.has(path);
}

/** For someone who was let in. */
export async function answer(
  content: Content,
  request: IncomingMessage,
  response: ServerResponse,
  asking: Asking,
): Promise<void> {
  secure(response, content.facts().webSocketUrl);
  const path = request.url?.split('?')[0] ?? '';
  if (!asking.origins.anyName && !mayBeCalled(request.headers.host)) {
    send(request, response, 421, 'text/plain', 'Call this server by an address or as localhost.\n');
  } else if (content.api !== undefined && isApi(path)) {
    void answerApi(content.api, request, response, asking);
  } else if (path === '/healthz') {
    readOnly(request, response, () => {
      healthz(content, request, response);
    });
  } else if (content.metrics !== undefined && path === '/metrics') {
    const text = asking.caller.mayReadHealth() ? await content.metrics() : undefined;
    readOnly(request, response, () => {
      tellMetrics(text, request, response);
    });
  } else if (path === FACTS_PATH) {
    readOnly(request, response, () => {
      tellFacts(factsFor(content.facts(), asking.caller, content.commandNames()), request, response);
    });
  } else {
    file(content.assets.get(path), request, response);
  }
}

/** But for what was said for this answer before. */
function secure(response: ServerResponse, webSocketUrl?: string): void {
  const policy = { 'Content-Security-Policy': contentPolicy(response.req.headers.host, webSocketUrl) };
  for (const [name, value] of Object.entries({ ...SECURITY_HEADERS, ...policy }))
    if (!response.hasHeader(name)) response.setHeader(name, value);
}

/** Makes a browser ask for name and password; but the page that asks for its facts without any asks for them itself. */
export function answerUnknown(request: IncomingMessage, response: ServerResponse): void {
  secure(response);
  if (request.url === FACTS_PATH && request.headers.authorization === undefined) {
    tellFacts({ needsUser: true } satisfies PageDoor, request, response);
    return;
  }
  response.setHeader('WWW-Authenticate', 'Basic realm="i2c-mqtt-gateway", charset="UTF-8"');
  send(request, response, 401, 'text/plain', 'A user name and a password are needed.\n');
}

function healthz({ health }: Content, request: IncomingMessage, response: ServerResponse): void {
  const report = health();
  response.setHeader('Cache-Control', 'no-store');
  send(request, response, report.ok ? 200 : 503, 'application/json', `${JSON.stringify(report)}\n`);
}

/** Undefined: not for this user. */
function tellMetrics(text: string | undefined, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Cache-Control', 'no-store');
  if (text !== undefined) send(request, response, 200, CONTENT_TYPE, text);
  else send(request, response, 403, 'text/plain', 'This user may not read the health topic.\n');
}

function tellFacts(facts: object, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Cache-Control', 'no-store');
  send(request, response, 200, 'application/json', JSON.stringify(facts));
}

function file(asset: Asset | undefined, request: IncomingMessage, response: ServerResponse): void {
  if (asset === undefined) {
    send(request, response, 404, 'text/plain', 'Nothing is here. The status page is at /.\n');
    return;
  }
  readOnly(request, response, () => {
    response.setHeader('ETag', asset.etag);
    response.setHeader('Vary', 'Accept-Encoding');
    if (asset.isForEver) response.setHeader('Cache-Control', FOR_EVER);
    if (request.headers['if-none-match'] === asset.etag) {
      response.writeHead(304).end();
      return;
    }
    const takesPacked = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(
      request.headers['accept-encoding'] ?? '',
    );
    if (takesPacked) response.setHeader('Content-Encoding', 'gzip');
    send(request, response, 200, asset.type, takesPacked ? asset.gzip : asset.plain());
  });
}

function readOnly(request: IncomingMessage, response: ServerResponse, respond: () => void): void {
  if (request.method === 'GET' || request.method === 'HEAD') {
    respond();
    return;
  }
  response.setHeader('Allow', 'GET, HEAD');
  send(request, response, 405, 'text/plain', 'Only GET and HEAD.\n');
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}
