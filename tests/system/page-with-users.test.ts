// The page in a real browser where there are users: a name and a password are asked for once, for the page, its files and
// MQTT over WebSocket alike, plain and with TLS; what the user may not do is said on the page.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { test, type TestContext } from 'node:test';
import { makeHash } from '../../gateway/broker/rights/password-hash.js';
import { linesOf } from '../../gateway/broker/rights/roles.js';
import { Topics } from '../../shared/topics.js';
import { TestAuthority, withoutOpenssl } from '../support/certificates.js';
import { openBrowser, withoutChromium, type BrowserPage } from '../support/chromium.js';
import { startGateway, type GatewayProcess } from '../support/gateway-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/waiting.js';

const TOPICS = new Topics('iot', 'greenhouse');
const skip = withoutChromium === false ? withoutOpenssl : withoutChromium;

async function startWithUsers(t: TestContext): Promise<GatewayProcess> {
  const folder = await temporaryFolder(t);
  const users = { password_file: join(folder, 'passwords'), acl_file: join(folder, 'acl') };
  const hash = await makeHash(Buffer.from('secret'));
  await writeFile(users.password_file, ['vera', 'otto'].map((user) => `${user}:${hash}\n`).join(''));
  const rights = [...linesOf('viewer', 'vera', TOPICS), ...linesOf('operator', 'otto', TOPICS)];
  await writeFile(users.acl_file, rights.join('\n'));
  const { certificate, key } = new TestAuthority(folder).sign('server', 'server');
  return startGateway(t, {
    change: (config) => {
      config['users'] = users;
      config['tls'] = { certificate, key, mqtt_port: 0, https_port: 0 };
    },
  });
}

/** Dims the lamp on the page; resolves with what the page says to it. */
async function dim(page: BrowserPage): Promise<string> {
  const output = "document.querySelector('[data-device=lamp-1] output')";
  await page.until("document.querySelector('#connection')?.textContent === 'live'");
  await page.until("document.querySelector('[data-device=lamp-1] form')");
  await page.evaluate("document.querySelector('[data-device=lamp-1] form button').click()");
  await page.until(`/^(done|rejected)/.test(${output}.textContent)`);
  const folder = env['PAGE_SCREENSHOTS'];
  if (folder !== undefined)
    await writeFile(join(folder, `${String(Date.now())}.png`), await page.screenshot());
  return String(await page.evaluate(`${output}.textContent`));
}

void test(
  'with users the browser asks for a password once, and the page has that user’s rights',
  { skip },
  async (t) => {
    const gateway = await startWithUsers(t);
    const vera = await openBrowser(t, gateway.pageUrl, { login: { user: 'vera', password: 'secret' } });
    assert.match(await dim(vera), /^rejected: forbidden – This user may not send this command\./);
    assert.equal(vera.asked, 1);
    const example = String(await vera.evaluate("document.querySelector('#example').textContent"));
    assert.match(example, / -u NAME -P PASSWORD -t 'iot\/#' -v$/);
    const https = await until('https', () => /\bhttps:\S+/.exec(gateway.output())?.[0]);
    const otto = await openBrowser(t, https, {
      login: { user: 'otto', password: 'secret' },
      // Somebody clicks "proceed": nobody has signed it whom a browser knows.
      flags: ['--ignore-certificate-errors'],
    });
    assert.match(await dim(otto), /^done/);
    assert.equal(otto.asked, 1);
    assert.deepEqual([...vera.complaints, ...otto.complaints], []);
    const typed = await openBrowser(t, gateway.pageUrl.replace('//', '//otto:secret@'));
    assert.match(await dim(typed), /^done/);
    assert.equal(typed.asked, 0);
  },
);
