// Pages from elsewhere that may use the API: a browser lets them read an answer only where the answer says so, an error's
// as well, and asks beforehand about what a plain form could not send: https://fetch.spec.whatwg.org/#http-cors-protocol
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isApi } from './api.js';
import { mayConnect, type PageOrigins } from './origin.js';

const METHODS = 'GET, POST, OPTIONS';
const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': METHODS,
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, Accept',
  'Access-Control-Max-Age': '600',
} as const;

/** Before anybody is asked for a name: a browser's question beforehand bears none. True: that was all, and is answered. */
export function answerPages(
  request: IncomingMessage,
  response: ServerResponse,
  origins: PageOrigins,
): boolean {
  const path = request.url?.split('?')[0] ?? '';
  if (!isApi(path)) return false;
  const { origin, host } = request.headers;
  response.setHeader('Vary', 'Origin');
  const isAllowed = mayConnect(origin, host, origins);
  if (origin !== undefined && isAllowed) {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('Access-Control-Expose-Headers', 'Link, Content-Length');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  }
  if (request.method !== 'OPTIONS') return false;
  if (!isAllowed) {
    // Without the headers the browser tells the page nothing but that it may not.
    response
      .writeHead(403, { 'Content-Type': 'text/plain' })
      .end('Pages from this origin may not use the API.\n');
    return true;
  }
  if (request.headers['access-control-request-private-network'] === 'true')
    response.setHeader('Access-Control-Allow-Private-Network', 'true');
  response.writeHead(204, { Allow: METHODS, ...PREFLIGHT_HEADERS }).end();
  return true;
}
