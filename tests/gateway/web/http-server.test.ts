// The web server's plain answers: health, page, files, and what it refuses.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { HttpServer } from '../../../gateway/web/server.js';
import { RecordingLog } from '../../support/recording-log.js';
import { until } from '../../support/waiting.js';
import { startWeb } from '../../support/web-server.js';

function unstarted(host: string, port: number): HttpServer {
  return new HttpServer({
    host,
    port,
    health: () => ({ ok: true, reasons: [] }),
    facts: () => ({ gateway: 'g', base: 'iot', version: '0', mqttUrl: 'mqtt://127.0.0.1' }),
    log: new RecordingLog(),
    clock: new SystemClock(),
  });
}

/** With a Host header of the test's own, which fetch does not let through. */
async function statusWithHost(page: string, host: string): Promise<number | undefined> {
  const request = get(page, { headers: { host }, agent: false });
  const [response] = (await once(request, 'response')) as [{ statusCode?: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

void test('healthz is 200 while all is well and 503 with the reasons when not', async (t) => {
  let report = { ok: true, reasons: [] as string[] };
  const { page } = await startWeb(t, {}, { health: () => report });
  const well = await fetch(`${page}/healthz`);
  assert.deepEqual([well.status, await well.json()], [200, { ok: true, reasons: [] }]);
  report = { ok: false, reasons: ['the store is unreachable'] };
  const ill = await fetch(`${page}/healthz`);
  assert.deepEqual([ill.status, await ill.json()], [503, report]);
});

void test('a health callback that throws is a 500 in the log, and the server lives', async (t) => {
  const failing = (): never => {
    throw new Error('a mistake');
  };
  const { page, log } = await startWeb(t, {}, { health: failing });
  assert.equal((await fetch(`${page}/healthz`)).status, 500);
  assert.equal(log.saying('a web request failed').length, 1);
  assert.equal((await fetch(page)).status, 200);
});

void test('every file of the page is served with its type and the security headers', async (t) => {
  const { page } = await startWeb(t);
  const html = await (await fetch(page)).text();
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path ?? '');
  assert.ok(files.some((path) => path.endsWith('.js')) && files.some((path) => path.endsWith('.css')));
  // The page is one script, and nothing that the policy would have to let through.
  assert.doesNotMatch(html, /<style|<script>|\sstyle=|\son[a-z]+=/);
  let bytes = 0;
  for (const path of ['/', ...files, '/page/licences.txt', '/page/facts.json']) {
    const response = await fetch(page + path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
    const host = new URL(page).host;
    assert.equal(/connect-src ([^;]*);/.exec(policy)?.[1], `'self' ws://${host} wss://${host}`);
    assert.ok((await response.text()).length > 10, path);
    if (!path.endsWith('.txt')) bytes += await bytesOnTheWire(page + path);
  }
  assert.ok(bytes <= 200 * 1024, `a first visit loads ${String(bytes)} bytes`);
  const plain = await fetch(page, { headers: { 'accept-encoding': 'br, gzip;q=0' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(await plain.text(), html);
});

/** Of the body, as a browser that takes gzip gets it. */
async function bytesOnTheWire(url: string): Promise<number> {
  const request = get(url, { headers: { 'accept-encoding': 'gzip' }, agent: false });
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
  let bytes = 0;
  for await (const chunk of response) bytes += chunk.length;
  return bytes;
}

void test('an unchanged file is 304, and HEAD has no body', async (t) => {
  const { page } = await startWeb(t);
  const html = await (await fetch(page)).text();
  const script = /src="([^"]*\.js)"/.exec(html)?.[1] ?? '';
  const first = await fetch(page + script, { method: 'HEAD' });
  assert.equal(await first.text(), '');
  // Its name is of what is in it.
  assert.match(first.headers.get('cache-control') ?? '', /immutable/);
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(page + script, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
});

void test('what is not there is 404 and what only reads is 405 for writers', async (t) => {
  const { page } = await startWeb(t);
  for (const path of [
    '/nothing',
    '/page/',
    '/page/../../package.json',
    '/%2e%2e/package.json',
    '//',
    '/mqtt',
  ])
    assert.equal((await fetch(page + path)).status, 404, path);
  const posted = await fetch(`${page}/healthz`, { method: 'POST', body: 'x' });
  assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
});

void test('a request for a name that anybody could point here is refused', async (t) => {
  const { page } = await startWeb(t);
  const { port } = new URL(page);
  assert.equal(await statusWithHost(page, `evil.example:${port}`), 421);
  assert.equal(await statusWithHost(page, `localhost:${port}`), 200);
});

void test('a port in use is one sentence with host, port and what to do', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  await assert.rejects(unstarted('127.0.0.1', port).start(), {
    code: 'address_in_use',
    message: `The web server cannot use 127.0.0.1:${String(port)}: another program has that port. Stop it or choose another port.`,
  });
  await assert.rejects(unstarted('0.0.0.0', 0).start(), { code: 'listen_failed' });
});

void test('the stop ends kept-alive and silent connections', async (t) => {
  const { web, page } = await startWeb(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => {
    agent.destroy();
  });
  const [response] = (await once(get(`${page}/healthz`, { agent }), 'response')) as [NodeJS.ReadableStream];
  response.resume();
  await once(response, 'end');
  const silent = connect({ host: '127.0.0.1', port: web.port });
  let ended = false;
  silent.on('close', () => (ended = true));
  silent.on('error', () => undefined);
  await once(silent, 'connect');
  silent.write('GET / HTTP/1.1\r\n');
  await web.stop();
  await until('the silent connection to end', () => ended);
  await assert.rejects(fetch(page));
});
