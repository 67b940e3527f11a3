// A device that answers and is not configured is added on the page: looked for, tried, shown, saved, and its value is there.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { test, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { seriousFindings } from '../../support/browser/axe.js';
import { openPage, startBrowser, withoutChromium } from '../../support/browser/chromium.js';
import { exampleFile, runProgram } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const STRANGER = '0x18';

async function picture(page: Page, name: string): Promise<void> {
  const folder = env['PAGE_SCREENSHOTS'];
  if (folder !== undefined)
    await page.screenshot({ path: join(folder, `adding-${name}.png`), fullPage: true });
}

/** On a simulated bus who leaves the configuration is a stranger there. */
async function startWithStranger(t: TestContext): Promise<{ file: string; dataDir: string; url: string }> {
  const dataDir = await temporaryFolder(t);
  const file = await exampleFile(t, (config) => {
    config['configuration'] = { edit: true };
  });
  const { output } = runProgram(t, ['start', '--simulate', '--config', file, '--data', dataDir]);
  const url = await until(`the page in ${output()}`, () => /^ +page +(\S+)$/m.exec(output())?.[1]);
  const text = await readFile(file, 'utf8');
  await writeFile(file, `# ours\n${text.replace(/ {2}lamp-1:[\s\S]*$/, '')}`);
  const reload = await fetch(`${url}api/request/reload`, { method: 'POST', body: '{}' });
  assert.equal(reload.status, 200, await reload.text());
  return { file, dataDir, url };
}

async function lookForIt(page: Page, look: string): Promise<void> {
  await page.getByRole('button', { name: look }).click();
  await page.locator(`[data-address="${STRANGER}"]`).getByRole('button').click();
}

async function itFits({ page }: { readonly page: Page }, name: string): Promise<void> {
  assert.deepEqual(await seriousFindings(page), [], name);
  const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
  const [wide = 0, screen = 0] = widths as number[];
  assert.ok(wide <= screen, `${name}: ${String(wide)} pixels wide`);
  await picture(page, name);
}

async function onTelephone(browser: Browser, url: string): Promise<void> {
  const viewport = { width: 390, height: 844 };
  const small = await openPage(browser, `${url}#/buses`, { viewport, colorScheme: 'dark', locale: 'de-DE' });
  await lookForIt(small.page, 'Nachsehen, wer antwortet');
  const form = small.page.getByRole('form', { name: `Das Gerät an ${STRANGER} hinzufügen` });
  await form.getByLabel('Was es ist').selectOption('chip mcp9808');
  await form.getByRole('button', { name: 'Ausprobieren' }).click();
  await form.getByText('Es wird nicht gelesen').waitFor();
  await form.getByRole('button', { name: 'Änderung zeigen' }).click();
  await form.getByText('mcp9808-1: {').waitFor();
  await itFits(small, 'small-dark');
  assert.deepEqual(small.complaints, []);
}

void test('from a look at the bus to a value on the page', { skip: withoutChromium }, async (t) => {
  const { file, dataDir, url } = await startWithStranger(t);
  const browser = await startBrowser(t);
  await onTelephone(browser, url);
  const shown = await openPage(browser, `${url}#/buses`);
  const { page } = shown;
  await lookForIt(page, 'Look who answers');
  const form = page.getByRole('form', { name: `Add the device at ${STRANGER}` });
  await form.getByRole('button', { name: 'Show the change' }).click();
  await form.getByText('Choose what it is.').waitFor();
  await form.getByLabel('What it is').selectOption('type tank');
  await form.getByRole('button', { name: 'Try it' }).click();
  await form.getByText('It is not read').waitFor();
  await form.getByLabel('What it is').selectOption('type lamp');
  await form.getByLabel('What people call it').fill('Reading lamp');
  await form.getByRole('button', { name: 'Try it' }).click();
  await form.getByText('its identity is right').waitFor();
  await itFits(shown, 'light-tried');
  await form.getByRole('button', { name: 'Show the change' }).click();
  await form.getByText('+   lamp-1: { type: lamp, bus: main, address: 0x18, label: Reading lamp }').waitFor();
  await itFits(shown, 'light-change');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved, and taken up.').waitFor();
  await form.getByRole('link', { name: 'To the device' }).click();
  await page.getByRole('heading', { name: 'Reading lamp' }).waitFor();
  await page.locator('[data-field=light] .value, [data-field=light]', { hasText: 'lx' }).first().waitFor();
  await picture(page, 'light-device');
  assert.deepEqual(shown.complaints, []);
  assert.match(
    await readFile(file, 'utf8'),
    /^# ours\n[\s\S]*lamp-1: \{ type: lamp, bus: main, address: 0x18, label: Reading lamp \}\n$/,
  );
  assert.equal((await readdir(join(dataDir, 'configurations'))).length, 1);
});
