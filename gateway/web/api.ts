// Plain HTTP for those who would rather not speak MQTT: commands and history, with the same payloads and answers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HistoryAnswer, PointsAnswer } from '../../bridge/history/history.js';
import { parseJson } from '../../bridge/payload/payload.js';
import { csvOf } from './csv.js';
import { configJsonSchema } from '../config/json-schema.js';
import { asGatewayError, GatewayError, type ErrorCode } from '../../shared/errors.js';
import type { ReplyMessage } from '../../shared/messages.js';
import type { Caller } from './access.js';
import type { RequestBodies } from './bodies.js';
import { mayConnect, type PageOrigins } from './origin.js';

export interface ApiActions {
  /** Runs a command for this user; resolves with its one answer. */
  command(device: string, name: string, payload: Uint8Array, user?: string): Promise<ReplyMessage>;
  /** As `request/history`. Rejects with bad_payload, or with the store's error. */
  history(query: Readonly<Record<string, unknown>>): Promise<HistoryAnswer | PointsAnswer>;
  /** As `request/logbook`. */
  logbook(query: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** As `request/<op>`: resolves with the data of its response, and rejects with its error. */
  request(op: string, data: Readonly<Record<string, unknown>>): Promise<unknown>;
}

const PREFIX = '/api/';
const COMMAND_PATH = /^\/api\/device\/([^/]+)\/command\/([^/]+)$/;
const REQUEST_PATH = /^\/api\/request\/([^/]+)$/;
const NUMBERS: ReadonlySet<string> = new Set(['limit', 'points']);
const TIMES: ReadonlySet<string> = new Set(['from', 'to']);

/** HTTP's word for an error of ours; all others are 422: understood, and refused. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  unknown_device: 404,
  unknown_command: 404,
  unknown_request: 404,
  bad_json: 400,
  bad_payload: 400,
  reused_id: 409,
  too_large: 413,
  forbidden: 403,
  queue_full: 503,
  closed: 503,
  store_failed: 503,
  store_unreachable: 503,
  store_refused: 503,
  internal: 500,
};

export function isApi(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Answers one request, with JSON in every case. Never rejects. */
export async function answerApi(
  actions: ApiActions,
  request: IncomingMessage,
  response: ServerResponse,
  asking: Asking,
): Promise<void> {
  try {
    const { status, body, csv, next } = await route(actions, request, asking);
    const link = next === undefined ? {} : { Link: `<${next}>; rel="next"` };
    if (csv === undefined) json(response, status, body, link);
    else send(response, status, 'text/csv; charset=utf-8', `${csv.join('\r\n')}\r\n`, link);
  } catch (thrown) {
    const error = asGatewayError(thrown);
    json(response, STATUS[error.code] ?? 422, { status: 'error', error: error.toBody() });
  }
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** In place of the body. */
  readonly csv?: readonly string[];
  /** Address of the next page. */
  readonly next?: string;
}

/** Who asks, which other pages may be where it is asked from, and what holds the bodies. */
export interface Asking {
  readonly caller: Caller;
  readonly origins: PageOrigins;
  readonly bodies: RequestBodies;
}

async function route(
  actions: ApiActions,
  request: IncomingMessage,
  { caller, origins, bodies }: Asking,
): Promise<Answer> {
  const { origin, host } = request.headers;
  if (!mayConnect(origin, host, origins))
    throw new GatewayError('forbidden', 'Pages from this origin may not use the API.');
  const url = new URL(request.url ?? '/', 'http://here');
  const [, device, name] = COMMAND_PATH.exec(url.pathname) ?? [];
  if (request.method === 'POST' && device !== undefined && name !== undefined) {
    const [toDevice, command] = [decode(device), decode(name)];
    if (!caller.mayCommand(toDevice, command)) throw forbidden('send this command');
    const reply = await bodies.with(request, (body) => actions.command(toDevice, command, body, caller.user));
    return { status: statusOf(reply), body: reply };
  }
  if (request.method === 'GET' && url.pathname === '/api/history') {
    const { format, ...query } = queryOf(url.searchParams);
    const [device, gateway] = ['device', 'gateway'].map((key) => url.searchParams.getAll(key).at(-1));
    if (!caller.mayReadDevice(String(device), gateway)) throw forbidden('read what this device measures');
    const csv = isCsv(format, request.headers.accept);
    return historyAnswer(await actions.history(query), url, csv);
  }
  if (request.method === 'GET' && url.pathname === '/api/schema') {
    return { status: 200, body: configJsonSchema() };
  }
  if (request.method === 'GET' && url.pathname === '/api/logbook') {
    if (!caller.mayRequest('logbook')) throw forbidden('read the logbook');
    return { status: 200, body: await actions.logbook(queryOf(url.searchParams)) };
  }
  const [, op] = REQUEST_PATH.exec(url.pathname) ?? [];
  if (request.method === 'POST' && op !== undefined) {
    if (!caller.mayRequest(decode(op))) throw forbidden('ask for this');
    const data = await bodies.with(request, (body) => actions.request(decode(op), objectOf(body)));
    return { status: 200, body: { status: 'ok', data } };
  }
  const known =
    'POST /api/device/<d>/command/<name>, POST /api/request/<op>, GET /api/history?device=<d>&last=10m, GET /api/logbook?last=12h and GET /api/schema';
  throw new GatewayError('unknown_request', `The API has ${known}.`);
}

/** As CSV where `format=csv` or the Accept header wants it; where there is a next page its address is in the Link header (RFC 8288). */
function historyAnswer(answer: HistoryAnswer | PointsAnswer, url: URL, csv: boolean): Answer {
  const next = 'next' in answer ? answer.next : undefined;
  const link = next === undefined ? {} : { next: pageAfter(url, answer, next) };
  if (!csv) return { status: 200, body: answer, ...link };
  // A table can't say that it has a gap.
  if (answer.missing !== undefined) throw new GatewayError(answer.missing.code, answer.missing.message);
  return { status: 200, body: null, csv: csvOf(answer, url.searchParams.get('fields')?.split(',')), ...link };
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

/** 200: done. 502: the device did not do it. Else why it was not tried. */
function statusOf({ status, error }: ReplyMessage): number {
  if (status === 'done') return 200;
  if (status === 'failed') return 502;
  return (error && STATUS[error.code]) ?? 422;
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
