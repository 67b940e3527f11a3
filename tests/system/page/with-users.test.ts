// The page in a real browser where there are users: it asks who is there, lets in with that user's rights, plain and with TLS,
// offers nothing that would be refused, and forgets who it was.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeHash } from '../../../gateway/broker/rights/password-hash.js';
import { linesOf } from '../../../gateway/broker/rights/roles.js';
import { Topics } from '../../../shared/topics.js';
import type { Page } from 'playwright-core';
import { TestAuthority, withoutOpenssl } from '../../support/certificates.js';
import { openPage, startBrowser, withoutChromium } from '../../support/browser/chromium.js';
import { startGateway, type GatewayProcess } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

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

async function logIn(page: Page, user: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Dims the lamp on its page. */
async function dim(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Growing lamp' }).first().click();
  const form = page.getByRole('form', { name: 'Dim' });
  await form.getByLabel('Brightness').fill('128');
  await form.getByRole('button', { name: 'Dim' }).click();
  await form.getByText(/^Done/).waitFor();
}

void test(
  'with users the page asks who is there, and has that user’s rights until he logs out',
  { skip },
  async (t) => {
    const gateway = await startWithUsers(t);
    const browser = await startBrowser(t);
    const { page, complaints } = await openPage(browser, gateway.pageUrl);
    await logIn(page, 'vera', 'guess');
    await page.getByText('The name or the password is wrong.').waitFor();
    assert.ok(
      complaints.every((text) => text.includes('401')),
      complaints.join(),
    );
    complaints.length = 0;
    await logIn(page, 'vera', 'secret');
    await page.getByText('logged in as vera').waitFor();
    await page.getByRole('link', { name: 'Growing lamp' }).first().click();
    // What was measured may be seen, what would be refused is not offered.
    await page.locator('[data-chart=level][data-points]:not([data-points="0"])').waitFor();
    await page.getByText('You may look, not command.').waitFor();
    assert.equal(await page.locator('form[data-command]').count(), 0);
    await page.getByRole('link', { name: 'Buses' }).click();
    await page.getByRole('heading', { name: 'main' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Look who answers' }).count(), 0);
    await page.reload();
    await page.getByText('logged in as vera').waitFor();
    await page.getByText('Connect', { exact: true }).click();
    assert.match(await page.locator('#example').innerText(), / -u NAME -P PASSWORD -t 'iot\/#' -v$/);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.reload();
    await logIn(page, 'otto', 'secret');
    await page.getByRole('link', { name: 'Devices' }).click();
    await dim(page);
    assert.deepEqual(complaints, []);

    const https = await until('https', () => /\bhttps:\S+/.exec(gateway.output())?.[0]);
    const secure = await openPage(browser, https);
    await logIn(secure.page, 'otto', 'secret');
    await dim(secure.page);
    const typed = await openPage(browser, gateway.pageUrl.replace('//', '//otto:secret@'));
    await dim(typed.page);
    assert.deepEqual([...secure.complaints, ...typed.complaints], []);
  },
);
