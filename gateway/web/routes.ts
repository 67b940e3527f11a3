// What the API has: a row for each route, with what answers it. Each is described in gateway/contract/paths.ts.
import type { IncomingMessage } from 'node:http';
import type { HistoryAnswer, PointsAnswer } from '../../bridge/history/history.js';
import { parseJson } from '../../bridge/payload/payload.js';
import type { DeviceSaid } from '../../bridge/polling/said.js';
import { GatewayError } from '../../shared/errors.js';
import type { ReplyMessage } from '../../shared/messages.js';
import { configJsonSchema } from '../config/json-schema.js';
import type { Caller } from './access.js';
import type { RequestBodies } from './bodies.js';
import { csvOf } from './csv.js';
import { everyDevice, oneDevice } from './devices.js';
import { statusOfReply } from './status.js';

export interface ApiActions {
  /** Runs a command for this user; resolves with its one answer. */
  command(device: string, name: string, payload: Uint8Array, user?: string): Promise<ReplyMessage>;
  /** What the retained topics say, by device. */
  devices(): ReadonlyMap<string, DeviceSaid>;
  /** As `request/history`. Rejects with bad_payload, or with the store's error. */
  history(query: Readonly<Record<string, unknown>>): Promise<HistoryAnswer | PointsAnswer>;
  /** As `request/logbook`. */
  logbook(query: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The OpenAPI document. */
  openApi(): unknown;
  /** As `request/<op>`, for this user: resolves with the data of its response, and rejects with its error. */
  request(op: string, data: Readonly<Record<string, unknown>>, user?: string): Promise<unknown>;
}

export interface Call {
  readonly actions: ApiActions;
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly caller: Caller;
  readonly bodies: RequestBodies;
  /** What stands at the `{}` of the route's path. */
  readonly levels: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** In place of the body. */
  readonly csv?: readonly string[];
  /** The Link header: where another page is. */
  readonly link?: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** `{device}` stands for one level. */
  readonly path: string;
  readonly answer: (call: Call) => Answer | Promise<Answer>;
}

export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/api/devices', answer: devices },
  { method: 'GET', path: '/api/devices/{device}', answer: device },
  { method: 'POST', path: '/api/device/{device}/command/{name}', answer: command },
  { method: 'GET', path: '/api/history', answer: history },
  { method: 'GET', path: '/api/logbook', answer: logbook },
  { method: 'POST', path: '/api/request/{op}', answer: request },
  { method: 'GET', path: '/api/schema', answer: () => ok(configJsonSchema()) },
  { method: 'GET', path: '/api/openapi.json', answer: ({ actions }) => ok(actions.openApi()) },
];

const NUMBERS: ReadonlySet<string> = new Set(['limit', 'points']);
const TIMES: ReadonlySet<string> = new Set(['from', 'to']);

const PATTERNS = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll(/\{[a-z]+\}/g, '([^/]+)')}$`),
}));

/** Throws unknown_request, or bad_payload where the path is not well encoded. */
export function routeOf(method: string | undefined, path: string): Pick<Call, 'levels'> & { route: Route } {
  for (const { route, pattern } of PATTERNS) {
    const found = route.method === method ? pattern.exec(path) : null;
    if (found !== null) return { route, levels: found.slice(1).map(decode) };
  }
  const known = ROUTES.map(({ method, path }) => `${method} ${path}`).join(', ');
  throw new GatewayError('unknown_request', `The API has: ${known}.`);
}

function devices({ actions, caller }: Call): Answer {
  return ok(everyDevice(actions.devices(), caller));
}

function device({ actions, caller, levels: [id = ''] }: Call): Answer {
  return ok(oneDevice(actions.devices(), id, caller));
}

async function command({ actions, request, caller, bodies, levels }: Call): Promise<Answer> {
  const [device = '', name = ''] = levels;
  if (!caller.mayCommand(device, name)) throw forbidden('send this command');
  const reply = await bodies.with(request, (body) => actions.command(device, name, body, caller.user));
  return { status: statusOfReply(reply), body: reply };
}

async function history({ actions, request, url, caller }: Call): Promise<Answer> {
  const { format, ...query } = queryOf(url.searchParams);
  const [device, gateway] = ['device', 'gateway'].map((key) => url.searchParams.getAll(key).at(-1));
  if (!caller.mayReadDevice(String(device), gateway)) throw forbidden('read what this device measures');
  const csv = isCsv(format, request.headers.accept);
  return historyAnswer(await actions.history(query), url, csv);
}

async function logbook({ actions, url, caller }: Call): Promise<Answer> {
  if (!caller.mayRequest('logbook')) throw forbidden('read the logbook');
  return ok(await actions.logbook(queryOf(url.searchParams)));
}

async function request({
  actions,
  request: asked,
  caller,
  bodies,
  levels: [op = ''],
}: Call): Promise<Answer> {
  if (!caller.mayRequest(op)) throw forbidden('ask for this');
  const data = await bodies.with(asked, (body) => actions.request(op, objectOf(body), caller.user));
  return ok({ status: 'ok', data });
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

/**
 * As CSV where `format=csv` or the Accept header wants it. The Link header (RFC 8288) has the address of the next page where
 * there is one, and of the first where these are only the newest.
 */
function historyAnswer(answer: HistoryAnswer | PointsAnswer, url: URL, csv: boolean): Answer {
  const link = linkOf(answer, url);
  if (!csv) return { status: 200, body: answer, ...link };
  // A table can't say that it has a gap.
  if (answer.missing !== undefined) throw new GatewayError(answer.missing.code, answer.missing.message);
  return { status: 200, body: null, csv: csvOf(answer, url.searchParams.get('fields')?.split(',')), ...link };
}

function linkOf(answer: HistoryAnswer | PointsAnswer, url: URL): Pick<Answer, 'link'> {
  if (!('samples' in answer)) return {};
  const { next = '', truncated } = answer;
  if (next === '' && !truncated) return {};
  return { link: `<${pageAfter(url, answer, next)}>; rel="${next === '' ? 'first' : 'next'}"` };
}

function isCsv(format: unknown, accept = ''): boolean {
  if (format === undefined) return /\btext\/csv\b/i.test(accept);
  if (format === 'csv' || format === 'json') return format === 'csv';
  throw new GatewayError('bad_payload', 'format is csv or json.');
}

/** With the range as it was: `last` would have moved on. */
function pageAfter(url: URL, { from, to }: Pick<HistoryAnswer, 'from' | 'to'>, next: string): string {
  const parameters = new URLSearchParams(url.searchParams);
  parameters.delete('last');
  parameters.set('from', String(from));
  parameters.set('to', String(to));
  parameters.set('after', next);
  return `${url.pathname}?${parameters.toString()}`;
}

function forbidden(what: string): GatewayError {
  return new GatewayError('forbidden', `This user may not ${what}.`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new GatewayError('bad_payload', 'The path is not well encoded.', { cause });
  }
}

function queryOf(parameters: URLSearchParams): Record<string, unknown> {
  const valueOf = (key: string, text: string): unknown => {
    if (key === 'fields') return text.split(',');
    // The + of a time zone that was not encoded arrives as a space.
    if (TIMES.has(key)) return text.replace(/(:\d\d(?:\.\d+)?) (?=\d\d:?\d\d$)/, '$1+');
    return NUMBERS.has(key) ? Number(text) : text;
  };
  return Object.fromEntries(
    [...parameters].map(([key, text]): [string, unknown] => [key, valueOf(key, text)]),
  );
}

function objectOf(body: Uint8Array): Readonly<Record<string, unknown>> {
  const data = parseJson(body) ?? {};
  if (typeof data !== 'object' || Array.isArray(data))
    throw new GatewayError('bad_payload', 'A request is a JSON object.');
  return data as Readonly<Record<string, unknown>>;
}
