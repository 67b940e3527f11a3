// A day at the page, in a real browser before the real program: a device goes and is missed, another is commanded and its course
// looked at, the bus is asked who is there; for those who see it, in every light and size, and for those who hear it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { test, type TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { seriousFindings } from '../../support/browser/axe.js';
import { openPage, startBrowser, withoutChromium, type BrowserPage } from '../../support/browser/chromium.js';
import { startGateway } from '../../support/gateway-process.js';

const PHONE = { width: 390, height: 844 };
const SCREEN = { width: 1280, height: 800 };
const VIEWS = [
  '',
  'devices/tank-2',
  'devices/tank-1',
  'devices/lamp-1',
  'happenings',
  'buses',
  'wall',
] as const;

async function ask(url: string, op: string, data: object): Promise<void> {
  const answer = await fetch(`${url}api/request/${op}`, { method: 'POST', body: JSON.stringify(data) });
  assert.equal(answer.status, 200, await answer.text());
}

/** For whoever wants to see it. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = env['PAGE_SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

interface World {
  readonly url: string;
  readonly shown: BrowserPage;
  /** The same in the dark, on a telephone, in German. */
  readonly small: BrowserPage;
}

async function start(t: TestContext): Promise<World> {
  const { pageUrl: url } = await startGateway(t, {
    change: ({ devices, types }) => {
      const { lamp } = types as Record<string, { commands?: Record<string, object> }>;
      const names = { 0: 'dark', 30: 'half', 40: 'bright' };
      Object.assign(lamp?.commands ?? {}, {
        scene: { args: { to: { type: 'uint8', names, default: 'half' } }, write: [0x20, '$to'] },
      });
      const alarms = {
        bright: {
          field: 'level',
          above: 100,
          severity: 'critical',
          message: 'Too bright: {value}',
          label: 'Glare',
        },
        lit: { field: 'level', above: 50, severity: 'info', label: 'Lit' },
      };
      devices['lamp-1'] = { ...devices['lamp-1'], alarms };
    },
  });
  const browser = await startBrowser(t);
  const shown = await openPage(browser, url);
  const small = await openPage(browser, url, { viewport: PHONE, colorScheme: 'dark', locale: 'de-DE' });
  return { url, shown, small };
}

async function somebodyGoes({ url, shown: { page } }: World): Promise<void> {
  await page.getByRole('heading', { name: 'Nutrients' }).waitFor();
  await page.getByText('All is well: 4 devices.').waitFor();
  await ask(url, 'simulate', { device: 'tank-2', plugged: false });
  const wrong = page.getByRole('region', { name: 'Needs attention' });
  await wrong.getByText('No device acknowledged the address.').waitFor();
  await wrong.getByText('Nobody answers at this address').waitFor();
  await wrong.getByText('offline').waitFor();
  await page.locator('#announcer', { hasText: 'Nutrients is offline. No device acknowledged' }).waitFor();
  await page.getByLabel('State', { exact: true }).selectOption('offline');
  await page.getByText('1 of 4 devices').waitFor();
  assert.equal(await page.locator('article.card').count(), 1);
  await page.getByLabel('State', { exact: true }).selectOption('');
  await page.getByLabel('Search').fill('rain');
  await page.getByText('1 of 4 devices').waitFor();
  await page.getByLabel('Search').fill('');
}

async function pumpIsStarted({ shown: { page } }: World): Promise<void> {
  await page.getByRole('link', { name: 'Rain water' }).click();
  const form = page.getByRole('form', { name: 'Pump' });
  await form.getByLabel('Speed').fill('80');
  await form.getByLabel('Lasts').first().fill('2,5');
  await form.getByLabel('Lasts').last().selectOption('minutes');
  await form.getByRole('button', { name: 'Pump' }).dblclick();
  await form.getByText(/^Done \(/).waitFor();
  await form.getByText(/^Ends by itself in (2 min|150 s)/).waitFor();
  await form.getByText('now 80 %').waitFor();
  await form.getByLabel('Speed').fill('0,0');
  await form.getByRole('button', { name: 'Pump' }).press('Enter');
  await form.getByText('now 0 %').waitFor();
}

async function courseIsKept({ shown: { page } }: World): Promise<void> {
  await page.reload();
  await page.locator('[data-chart=level]:not([data-points="0"])').waitFor();
  await page.locator('.chart canvas').first().waitFor();
  // Twice, not three times: a double click is one command.
  await page.locator('[data-line=command]').nth(1).waitFor();
  assert.equal(await page.locator('[data-line=command]').count(), 2);
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as CSV' }).click();
  const text = await readFile(await (await coming).path(), 'utf8');
  assert.match(text, /^ts,boot,seq,temperature,level,pump,errors,clock\r\n\d{4}-/);
  await page.getByRole('button', { name: '1 day' }).click();
  await page.getByText('Line: mean. Band: from the lowest to the highest.').waitFor();
  await page.getByRole('button', { name: 'Earlier' }).click();
  assert.equal(await page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed'), 'false');
}

/** One of a few names is chosen, not typed. */
async function sceneIsChosen({ url, shown: { page } }: World): Promise<void> {
  await page.goto(`${url}#/devices/lamp-1`);
  const form = page.getByRole('form', { name: 'scene' });
  const choice = form.getByLabel('to');
  assert.equal(await choice.inputValue(), 'half');
  assert.deepEqual(await choice.locator('option').allTextContents(), ['dark', 'half', 'bright']);
  await choice.selectOption('bright');
  await form.getByRole('button', { name: 'scene' }).click();
  await form.getByText(/^Done \(/).waitFor();
  await page.getByRole('form', { name: 'Dim' }).getByText('now 40').waitFor();
}

/** Run by the browser: keeps all that a screen reader is told, where the next sentence takes the place of the one before. */
const KEEP_TOLD = `{
  const announcer = document.getElementById('announcer');
  const note = () => { announcer.dataset.told = (announcer.dataset.told ?? '') + announcer.textContent + '; '; };
  new MutationObserver(note).observe(announcer, { childList: true, characterData: true, subtree: true });
}`;

async function alarmIsKnown({ url, shown, small }: World): Promise<void> {
  const { page } = shown;
  await page.goto(url);
  const wrong = page.getByRole('region', { name: 'Needs attention' });
  const glare = wrong.locator('[data-alarm=bright]');
  await page.locator('#announcer').waitFor({ state: 'attached' });
  await page.evaluate(KEEP_TOLD);
  const bright = await fetch(`${url}api/device/lamp-1/command/dim`, { method: 'POST', body: '120' });
  assert.equal(bright.status, 200);
  await glare.getByText('Too bright: 120').waitFor();
  await glare.getByText('critical').waitFor();
  await page.locator('#announcer[data-told*="Alarm: "]').waitFor({ state: 'attached' });
  // The worst comes first.
  assert.deepEqual(await wrong.locator('.alarm-name').allTextContents(), ['Glare', 'Lit']);
  await glare.getByPlaceholder('Your name').fill('Anna');
  await glare.getByRole('button', { name: 'Acknowledge: Growing lamp, Glare' }).click();
  await glare.getByText(/^Acknowledged by Anna, /).waitFor();
  // What is known stands behind what is not, and whoever else looks sees who knows it.
  assert.deepEqual(await wrong.locator('.alarm-name').allTextContents(), ['Lit', 'Glare']);
  await small.page.goto(`${url}#/devices/lamp-1`);
  const section = small.page.getByRole('region', { name: 'Alarme' });
  await section.getByText(/^Quittiert von Anna, /).waitFor();
  await section.getByRole('button', { name: 'Quittieren: Growing lamp, Lit' }).waitFor();
}

async function everythingIsTold({ shown: { page } }: World): Promise<void> {
  await page.getByRole('link', { name: 'What happened' }).click();
  await page.locator('[data-line=event]', { hasText: 'device.offline' }).first().waitFor();
  await page.locator('[data-line=event]', { hasText: /alarm\.acknowledged.*by Anna/ }).waitFor();
  await page.getByLabel('Search').fill('pump http');
  await page.getByText('Nothing like that has happened.').waitFor();
  await page.getByLabel('Search').fill('speed 80');
  assert.equal(await page.locator('[data-line=command]').count(), 1);
  await page.getByRole('link', { name: 'Buses' }).click();
  await page.getByRole('button', { name: 'Look who answers' }).click();
  await page.locator('[data-address="0x08"]', { hasText: 'Rain water' }).waitFor();
  await page.locator('[data-address="0x09"]', { hasText: 'configured, does not answer' }).waitFor();
}

async function itLooksAsOneLikes({ url, shown: { page } }: World): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Show as').selectOption('table');
  await page.reload();
  await page.locator('table.dense [data-device=tank-1]').waitFor();
  await page.getByLabel('Show as').selectOption('cards');
  await page.getByText('Display', { exact: true }).click();
  await page.getByLabel('Language').selectOption('Deutsch');
  await page.getByRole('heading', { name: 'Braucht Aufmerksamkeit' }).waitFor();
  assert.equal(await page.evaluate('document.documentElement.lang'), 'de');
}

/** No view shuts anybody out, is wider than its screen, or has its own script complain. */
async function everybodyCan({ url, shown, small }: World): Promise<void> {
  for (const [{ page, complaints }, name] of [
    [shown, 'light'],
    [small, 'dark'],
  ] as const) {
    for (const view of VIEWS) {
      await page.goto(`${url}#/${view}`);
      await page.locator('main h1').first().waitFor({ state: 'attached' });
      if (view.startsWith('devices/')) await page.locator('.chart canvas').first().waitFor();
      assert.deepEqual(await seriousFindings(page), [], `${view}, ${name}`);
      const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
      const [wide = 0, screen = 0] = widths as number[];
      assert.ok(wide <= screen, `${view}, ${name}: ${String(wide)} pixels wide`);
      await picture(page, `${name}-${view.replace('/', '-')}`);
    }
    assert.deepEqual(complaints, []);
  }
  assert.deepEqual(shown.page.viewportSize(), SCREEN);
}

void test(
  'a person sees what is wrong, commands, looks back, and finds out who did what',
  { skip: withoutChromium },
  async (t) => {
    const world = await start(t);
    await somebodyGoes(world);
    await pumpIsStarted(world);
    await courseIsKept(world);
    await sceneIsChosen(world);
    await alarmIsKnown(world);
    await everythingIsTold(world);
    await itLooksAsOneLikes(world);
    await everybodyCan(world);
  },
);
