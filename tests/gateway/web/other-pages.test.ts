// Pages of http.origins use the API from a real browser, with credentials: answers, errors and refusals alike; others can't.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeHash } from '../../../gateway/broker/rights/password-hash.js';
import { linesOf } from '../../../gateway/broker/rights/roles.js';
import { HttpAccess } from '../../../gateway/web/access.js';
import { openBrowser, withoutChromium } from '../../support/browser/chromium.js';
import { startBroker, TOPICS } from '../../support/mqtt/embedded-broker.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { startWebFor } from '../../support/web-server.js';

const COMMAND = '/api/device/lamp/command/dim';
const HISTORY = '/api/history?device=lamp&last=1m&after=';

/** Whatever is asked of it, an empty page. */
async function startPanel(t: TestContext): Promise<number> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html').end('<title>panel</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function startGuarded(t: TestContext, origins: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  const [passwordFile, aclFile] = [join(folder, 'passwords'), join(folder, 'acl')];
  await writeFile(passwordFile, `otto:${await makeHash(Buffer.from('secret'))}\n`);
  await writeFile(aclFile, linesOf('operator', 'otto', TOPICS).join('\n'));
  const broker = await startBroker(t, {}, { passwordFile, aclFile, anonymous: false });
  const { page } = await startWebFor(t, broker, {
    origins,
    access: new HttpAccess(broker.doorkeeper, TOPICS),
    api: {
      command: () => Promise.resolve({ id: 'x', status: 'done', ts: 0, ms: 0 }),
      history: () =>
        Promise.resolve({ device: 'lamp', from: 0, to: 1, samples: [], truncated: true, next: '0/x' }),
      openApi: () => ({}),
      devices: () => new Map(),
      logbook: () => Promise.resolve({ entries: [] }),
      request: (op) => Promise.resolve({ op }),
    },
  });
  return page;
}

const AUTHORIZATION = `Authorization: 'Basic ' + btoa('otto:secret')`;
const asked = (url: string, options: string): string =>
  `fetch('${url}', ${options}).then(async (r) => [r.status, (await r.text()).slice(0, 40), r.headers.get('link')], String)`;

void test(
  'a page of http.origins uses the API in a browser, with credentials',
  { skip: withoutChromium },
  async (t) => {
    const port = await startPanel(t);
    const panel = `http://panel.example:${String(port)}`;
    // As somebody may write it in the file.
    const page = await startGuarded(t, [`${panel.toUpperCase().replace('HTTP', 'http')}/`]);
    const flags = ['--host-resolver-rules=MAP *.example 127.0.0.1'];
    const login = { user: 'otto', password: 'secret' };
    const browser = await openBrowser(t, `${panel}/`, { flags, login });
    await browser.until("document.title === 'panel'");
    const withName = `{ headers: { ${AUTHORIZATION} } }`;
    const [status, , link] = (await browser.evaluate(asked(page + HISTORY, withName))) as string[];
    assert.equal(status, 200);
    assert.match(link ?? '', /rel="next"/);
    const post = `{ method: 'POST', body: '{"args":{}}', headers: { 'Content-Type': 'application/json', ${AUTHORIZATION} } }`;
    assert.deepEqual(await browser.evaluate(asked(page + COMMAND, post)), [
      200,
      '{"id":"x","status":"done","ts":0,"ms":0}',
      null,
    ]);
    // Errors are read as well, or nobody can tell a wrong password from a broken cable.
    const wrong = `{ headers: { Authorization: 'Basic ' + btoa('otto:guess') } }`;
    assert.deepEqual(((await browser.evaluate(asked(page + HISTORY, wrong))) as unknown[])[0], 401);
    const nothing = (await browser.evaluate(asked(`${page}/api/nothing`, withName))) as unknown[];
    assert.deepEqual(nothing.slice(0, 2), [404, '{"status":"error","error":{"code":"unkno']);
    // What it says with credentials is read only where the answer allows these too.
    const included = `{ credentials: 'include', headers: { ${AUTHORIZATION} } }`;
    assert.equal(((await browser.evaluate(asked(page + HISTORY, included))) as unknown[])[0], 200);

    const stranger = await openBrowser(t, `http://stranger.example:${String(port)}/`, { flags, login });
    await stranger.until("document.title === 'panel'");
    for (const options of [withName, post, included])
      assert.match(
        String(await stranger.evaluate(asked(page + HISTORY, options))),
        /^TypeError: Failed to fetch/,
      );
  },
);

void test('the question beforehand is answered without a name, to pages of this list and of this machine alone', async (t) => {
  const page = await startGuarded(t, ['https://panel.example:443']);
  const preflight = async (origin: string, path = COMMAND): Promise<Response> =>
    fetch(page + path, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Private-Network': 'true',
      },
    });
  for (const origin of ['https://panel.example', 'http://localhost:5173']) {
    const { status, headers } = await preflight(origin);
    assert.equal(status, 204);
    assert.equal(headers.get('access-control-allow-origin'), origin);
    assert.equal(headers.get('access-control-allow-credentials'), 'true');
    assert.match(headers.get('access-control-allow-headers') ?? '', /Authorization, Content-Type/);
    assert.match(headers.get('access-control-allow-methods') ?? '', /GET, POST/);
    assert.equal(headers.get('access-control-allow-private-network'), 'true');
    assert.equal(headers.get('cross-origin-resource-policy'), 'cross-origin');
    assert.equal(headers.get('vary'), 'Origin');
  }
  for (const origin of ['https://panel.example.evil', 'http://panel.example', 'null']) {
    const { status, headers } = await preflight(origin);
    assert.equal(status, 403, origin);
    assert.equal(headers.get('access-control-allow-origin'), null);
    const asking = await fetch(page + HISTORY, {
      headers: { Origin: origin, Authorization: `Basic ${btoa('otto:secret')}` },
    });
    assert.deepEqual([asking.status, asking.headers.get('access-control-allow-origin')], [403, null]);
    assert.equal(asking.headers.get('cross-origin-resource-policy'), 'same-origin');
  }
  // The page and its files are for nobody else.
  const index = await fetch(page, {
    headers: { Origin: 'https://panel.example', Authorization: `Basic ${btoa('otto:secret')}` },
  });
  assert.equal(index.headers.get('access-control-allow-origin'), null);
});
