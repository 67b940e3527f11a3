// What each route over HTTP takes and answers.
import { z } from 'zod';
import { historyRequest, pointsRequest } from '../../bridge/history/request.js';
import { logbookRequest } from '../../bridge/logbook/request.js';
import { questionSchema, schemaOf, type JsonSchema } from './named.js';
import { OPERATIONS } from './questions.js';

const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const REFUSED = ref('Refused');

/** By path and method. What the page is made of is no part of it. */
export function paths(): Readonly<Record<string, JsonSchema>> {
  return {
    '/healthz': { get: healthz() },
    '/metrics': { get: metrics() },
    '/api/devices': {
      get: operation('devices', 'What the retained topics of every device say, as far as they may be read', {
        200: json('In the order of the configuration.', {
          type: 'object',
          properties: { devices: { type: 'array', items: ref('Device') } },
          required: ['devices'],
        }),
      }),
    },
    '/api/devices/{device}': {
      parameters: [level('device')],
      get: operation('device', 'What the retained topics of a device say', {
        200: json('As far as they may be read.', ref('Device')),
      }),
    },
    '/api/device/{device}/command/{name}': {
      parameters: [level('device'), level('name')],
      post: sendCommand(),
    },
    '/api/history': { get: history() },
    '/api/logbook': {
      get: operation(
        'logbook',
        'Commands with their answers, and events',
        { 200: json('A page.', ref('Logbook')) },
        [...queryOf(logbookRequest)],
      ),
    },
    ...Object.fromEntries(Object.keys(OPERATIONS).map((op) => [`/api/request/${op}`, { post: ask(op) }])),
    '/api/schema': {
      get: operation('configurationSchema', 'The JSON Schema of the configuration', {
        200: json('A JSON Schema.', { type: 'object' }),
      }),
    },
    '/api/openapi.json': {
      get: operation('openApi', 'This document', { 200: json('An OpenAPI document.', { type: 'object' }) }),
    },
  };
}

function healthz(): JsonSchema {
  const report = {
    type: 'object',
    properties: { ok: { type: 'boolean' }, reasons: { type: 'array', items: { type: 'string' } } },
    required: ['ok', 'reasons'],
  };
  return {
    operationId: 'healthz',
    summary: 'Whether the gateway is well; needs no user',
    security: [{}],
    responses: { 200: json('It is.', report), 503: json('It is not, and why.', report) },
  };
}

function metrics(): JsonSchema {
  return {
    operationId: 'metrics',
    summary: 'The gateway’s numbers, in Prometheus’ text format',
    responses: {
      200: text('The numbers.'),
      401: text('A user name and a password are needed.'),
      403: text('This user may not read the health topic.'),
    },
  };
}

function sendCommand(): JsonSchema {
  const answer = { anyOf: [ref('Reply'), REFUSED] };
  return {
    ...operation('command', 'Runs a command and waits for its one answer', {
      200: json('It is done.', ref('Reply')),
      502: json('The device did not do it.', ref('Reply')),
      409: json('Its id is another command’s.', ref('Reply')),
      default: json('It was not tried, and why.', answer),
    }),
    requestBody: { content: { 'application/json': { schema: ref('Command') } } },
  };
}

function history(): JsonSchema {
  const format = { name: 'format', in: 'query', schema: { enum: ['json', 'csv'] } };
  const answer = {
    description:
      'Samples, oldest first, or points where `points` was given. `Link` has the next page’s address, or the first one’s where these are only the newest.',
    headers: { Link: { schema: { type: 'string' } } },
    content: {
      'application/json': { schema: { anyOf: [ref('History'), ref('Points')] } },
      'text/csv': { schema: { type: 'string' } },
    },
  };
  const parameters = [
    ...queryOf(historyRequest.extend({ points: pointsRequest.shape.points.optional() })),
    format,
  ];
  return operation('history', 'What was measured', { 200: answer }, parameters);
}

function ask(op: string): JsonSchema {
  const [only, ...more] = OPERATIONS[op]?.answers.map(ref) ?? [];
  const data = more.length === 0 ? only : { anyOf: [only, ...more] };
  const answer = {
    type: 'object',
    properties: { status: { const: 'ok' }, data },
    required: ['status', 'data'],
  };
  return {
    ...operation(`request_${op}`, OPERATIONS[op]?.what ?? op, { 200: json('The answer.', answer) }),
    requestBody: { content: { 'application/json': { schema: questionSchema(op, false) } } },
  };
}

function operation(
  operationId: string,
  summary: string,
  responses: Readonly<Record<string, JsonSchema>>,
  parameters: readonly JsonSchema[] = [],
): JsonSchema {
  const refused = json('Why not, with a code of the list in docs/errors.md.', REFUSED);
  const needed = text('A user name and a password are needed.');
  return {
    ...{ operationId, summary, ...(parameters.length === 0 ? {} : { parameters }) },
    responses: { default: refused, 401: needed, ...responses },
  };
}

function json(description: string, schema: JsonSchema): JsonSchema {
  return { description, content: { 'application/json': { schema } } };
}

function text(description: string): JsonSchema {
  return { description, content: { 'text/plain': { schema: { type: 'string' } } } };
}

function level(name: string): JsonSchema {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

/** A list is written with commas. */
function queryOf(request: z.ZodObject): JsonSchema[] {
  return Object.entries(request.shape).map(([name, schema]) => ({
    ...{ name, in: 'query', required: !z.safeParse(schema as z.ZodType, undefined).success },
    schema: schemaOf(schema as z.ZodType),
    ...(name === 'fields' ? { style: 'form', explode: false } : {}),
  }));
}
