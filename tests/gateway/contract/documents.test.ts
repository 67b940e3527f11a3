// The documents that programs read: sound by the rules of those who made their formats, and of all that there is.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { asyncApiDocument } from '../../../gateway/contract/asyncapi.js';
import { messageJsonSchema } from '../../../gateway/contract/json-schema.js';
import { openApiDocument } from '../../../gateway/contract/openapi.js';
import { OPERATIONS } from '../../../gateway/contract/questions.js';
import { MESSAGES_BY_TOPIC } from '../../../gateway/contract/topics.js';
import { ROUTES } from '../../../gateway/web/routes.js';
import { TOPIC_TABLE } from '../../../shared/topic-table.js';
import { FittingValues } from './fitting-values.js';
import { read } from '../../support/repository.js';

const openApi = openApiDocument('1.2.3') as { readonly paths: Readonly<Record<string, object>> };

test('the OpenAPI document is one, by a validator of others', async () => {
  const result = await new Validator().validate(structuredClone(openApi));
  assert.deepEqual(result.errors ?? [], []);
  assert.ok(result.valid);
});

test('the AsyncAPI document is one, by the schema of those who made it', () => {
  const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  assert.ok(validate(asyncApiDocument('1.2.3')), JSON.stringify(validate.errors?.slice(0, 3)));
});

test('the JSON Schema of the messages is one, and tells right from wrong', () => {
  const fitting = new FittingValues(messageJsonSchema());
  const good = { state: 'online', boot: 'b', ts: 1 };
  assert.deepEqual(fitting.faults('#/$defs/Status', good), []);
  assert.equal(fitting.faults('#/$defs/Status', { ...good, state: 'on' }).length, 1);
  assert.equal(fitting.faults('#/$defs/DeviceState', { ts: 1, values: { level: {} } }).length, 1);
  assert.deepEqual(fitting.faults('#/$defs/DeviceState', { ts: 1, values: { level: null } }), []);
});

test('every route is in the OpenAPI document, and no other but those beside the API', () => {
  const described = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    ['get', 'post'].filter((method) => method in methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = ROUTES.flatMap(({ method, path }) =>
    path === '/api/request/{op}'
      ? Object.keys(OPERATIONS).map((op) => `POST /api/request/${op}`)
      : [`${method} ${path}`],
  );
  assert.deepEqual(described.sort(), [...routes, 'GET /healthz', 'GET /metrics'].sort());
});

test('every request and every topic of the documentation has its schema, and no other', () => {
  const rows = [...read('docs/requests.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, op]) => op);
  assert.deepEqual([...new Set(rows)].sort(), Object.keys(OPERATIONS).sort());
  assert.deepEqual(
    Object.keys(MESSAGES_BY_TOPIC),
    TOPIC_TABLE.map(({ topic }) => topic),
  );
});
