// Bodies of requests, as large as one may be and as many as there may be at once.
import assert from 'node:assert/strict';
import { request, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { ApiActions } from '../../../gateway/web/routes.js';
import { MAX_BODY_BYTES, RequestBodies } from '../../../gateway/web/bodies.js';
import type { ReplyMessage } from '../../../shared/messages.js';
import { until } from '../../support/waiting.js';
import { startWeb } from '../../support/web-server.js';

const DIM = '/api/device/lamp-1/command/dim';
const DONE: ReplyMessage = { id: 'a', status: 'done', ts: 0, ms: 0 };

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Answered when it is told to be. */
class Held implements Pick<ApiActions, 'command'> {
  readonly sizes: number[] = [];
  readonly answers: (() => void)[] = [];

  async command(_device: string, _name: string, payload: Uint8Array): Promise<ReplyMessage> {
    this.sizes.push(payload.length);
    await new Promise<void>((resolve) => this.answers.push(resolve));
    return DONE;
  }
}

const never = async (): Promise<never> => Promise.reject(new Error('not asked'));
const actionsOf = (held: Held): ApiActions => ({
  ...{ history: never, logbook: never, request: never },
  openApi: () => ({}),
  devices: () => new Map(),
  command: async (device, name, payload) => held.command(device, name, payload),
});

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return text;
}

async function post(page: string, bytes: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(`${page}${DIM}`, { method: 'POST', agent: false }, (response) => {
      textOf(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, text });
      }, reject);
    });
    asking.on('error', reject);
    asking.end(Buffer.alloc(bytes, ' '));
  });
}

test('the largest bodies are taken as long as there is room for all together, and room comes back with the answers', async (t) => {
  const held = new Held();
  const bodies = new RequestBodies(4 * MAX_BODY_BYTES);
  const { page } = await startWeb(t, {}, { bodies, api: actionsOf(held) });
  const first = Array.from({ length: 4 }, () => post(page, MAX_BODY_BYTES));
  await until('all four', () => held.sizes.length === 4);
  assert.deepEqual(bodies.numbers(), { bodyBytes: 4 * MAX_BODY_BYTES, refusedBodies: 0 });
  const refused = await post(page, 1);
  assert.equal(refused.status, 503);
  assert.match(refused.text, /queue_full/);
  assert.equal(bodies.numbers().refusedBodies, 1);
  for (const answer of held.answers.splice(0)) answer();
  assert.deepEqual(
    (await Promise.all(first)).map(({ status }) => status),
    [200, 200, 200, 200],
  );
  assert.equal(bodies.numbers().bodyBytes, 0);
  const next = post(page, MAX_BODY_BYTES);
  await until('room again', () => held.answers.length === 1);
  held.answers[0]?.();
  assert.equal((await next).status, 200);
});

test('a body over the limit is refused in words, and holds nothing afterwards', async (t) => {
  const bodies = new RequestBodies();
  const { page } = await startWeb(t, {}, { bodies, api: actionsOf(new Held()) });
  const { status, text } = await post(page, MAX_BODY_BYTES + 1);
  assert.equal(status, 413);
  assert.match(text, /too_large/);
  assert.equal(bodies.numbers().bodyBytes, 0);
});
