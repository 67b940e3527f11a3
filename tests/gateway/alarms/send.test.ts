// One attempt at a webhook, at a real HTTP server: what it is sent, and what its answer means.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Notice } from '../../../bridge/alarms/notices.js';
import { secretProblems } from '../../../gateway/cli/run/outside-problems.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { missingSecrets } from '../../../gateway/alarms/rendered.js';
import { webhookSender } from '../../../gateway/alarms/send.js';
import type { WebhookSpec } from '../../../shared/alarms/spec.js';
import type { GatewayError } from '../../../shared/errors.js';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers with what its path says: a status, or `never`. */
async function serverOf(t: TestContext): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, headers: request.headers, body });
      const [, status = ''] = request.url?.split('/') ?? [];
      if (status !== 'never') response.writeHead(Number(status), { Location: '/200' }).end('x'.repeat(1000));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, asked };
}

const NOTICE: Notice = {
  ...{
    id: 'n-1',
    what: 'raised',
    ts: 1_795_386_099_001,
    severity: 'critical',
    device: 'tank-1',
    alarm: 'high',
  },
  ...{ message: 'Tank & "co": 92 %', value: 92, since: 1_795_386_099_001, note: '${TOKEN}' },
  facts: {
    ...{
      value: '92 %',
      limit: '90 %',
      field: 'Level',
      unit: '%',
      label: 'Fässer\r\nX-Evil: 1',
      device: 'tank-1',
    },
    ...{ alarm: 'Too full', severity: 'critical', gateway: 'greenhouse', since: '2026-11-23T00:21:39.001Z' },
  },
};
const ENV = { TOKEN: 's3cret' };

function webhook(more: Partial<WebhookSpec>): WebhookSpec {
  return {
    ...{ id: 'phone', method: 'POST', headers: {}, severity: 'info', timeoutMs: 5000, keepMs: 1000, url: '' },
    occasions: new Set(['raised']),
    ...more,
  };
}

function send(spec: Partial<WebhookSpec>, signal = new AbortController().signal): Promise<void> {
  return webhookSender(ENV)(webhook(spec), NOTICE, signal);
}

test('a text, with facts in address, headers and body, and a secret of the environment', async (t) => {
  const { url, asked } = await serverOf(t);
  await send({
    url: `${url}/200/{label}/{id}`,
    method: 'PUT',
    headers: { Authorization: 'Bearer ${TOKEN}', Title: '{gateway}: {label}', Priority: 'urgent' },
    body: { text: '{message} ({value}, limit {limit}) {note} {unheard}' },
  });
  const [{ method, url: path, headers, body } = assert.fail()] = asked;
  assert.deepEqual([method, path], ['PUT', '/200/F%C3%A4sser%0D%0AX-Evil%3A%201/n-1']);
  assert.equal(headers.authorization, 'Bearer s3cret');
  assert.equal(Buffer.from(String(headers['title']), 'latin1').toString(), 'greenhouse: Fässer X-Evil: 1');
  assert.equal(headers['x-evil'], undefined);
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  // What a person has written into a note asks for no secret.
  assert.equal(body, 'Tank & "co": 92 % (92 %, limit 90 %) ${TOKEN} {unheard}');
});

test('JSON: a fact alone is bare, all else is text, and nothing of it breaks out', async (t) => {
  const { url, asked } = await serverOf(t);
  await send({
    url: `${url}/204`,
    body: { json: { text: '{message}', value: '{value}', list: ['{value}!', 7, true] } },
  });
  await send({ url: `${url}/200` });
  assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), {
    text: 'Tank & "co": 92 %',
    value: 92,
    list: ['92 %!', 7, true],
  });
  assert.equal(asked[0]?.headers['content-type'], 'application/json');
  const all = JSON.parse(asked[1]?.body ?? '') as Readonly<Record<string, unknown>>;
  assert.deepEqual(
    [all['what'], all['device'], all['value'], all['limit'], all['ts'], all['severity']],
    ['raised', 'tank-1', 92, '90 %', NOTICE.ts, 'critical'],
  );
});

test('what an answer means; the address is told nobody', async (t) => {
  const { url } = await serverOf(t);
  const fault = async (path: string, more: Partial<WebhookSpec> = {}): Promise<GatewayError> => {
    try {
      await send({ url: `${url}/${path}/hidden`, ...more });
    } catch (thrown) {
      return thrown as GatewayError;
    }
    return assert.fail(`${path} was taken`);
  };
  for (const [path, code] of [
    ['400', 'bad_payload'],
    ['422', 'bad_payload'],
    ['401', 'closed'],
    ['404', 'closed'],
    ['429', 'closed'],
    ['500', 'closed'],
    ['302', 'closed'],
  ] as const) {
    const error = await fault(path);
    assert.deepEqual([error.code, error.message.includes(`status ${path}`)], [code, true], path);
    assert.doesNotMatch(error.message, /hidden/);
  }
  const late = await fault('never', { timeoutMs: 100 });
  assert.match(late.message, /cannot be reached: no answer within 100 ms/);
  const nobody = await fault('', { url: 'http://127.0.0.1:2/hidden' });
  assert.match(nobody.message, /^127\.0\.0\.1:2 cannot be reached: .*ECONNREFUSED/);
  const none = await fault('', { url: 'http://127.0.0.1:99999999/hidden' });
  assert.doesNotMatch(none.message, /hidden/);
});

test('a stop gives an attempt up', async (t) => {
  const { url } = await serverOf(t);
  const stop = new AbortController();
  const attempt = send({ url: `${url}/never` }, stop.signal);
  stop.abort();
  await assert.rejects(attempt);
});

test('which secrets are missing is known beforehand', async () => {
  const spec = webhook({
    url: 'https://x/${ROOM}',
    headers: { A: '${TOKEN}' },
    body: { json: { k: '${KEY}${KEY}' } },
  });
  assert.deepEqual(missingSecrets(spec, ENV), ['ROOM', 'KEY']);
  const yaml =
    "gateway: g\nbuses: {}\ntypes: {}\ndevices: {}\nalarms: { webhooks: { phone: { url: 'https://x/${NO_SUCH}' } } }";
  assert.deepEqual(await secretProblems(parseConfig(yaml, 'test.yaml')), [
    {
      path: ['alarms', 'webhooks', 'phone'],
      message: 'asks for ${NO_SUCH}, which is not in the environment nor in the file .env of this folder',
    },
  ]);
});
