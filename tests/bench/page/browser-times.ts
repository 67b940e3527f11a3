// What a browser tells of a page: its processor time, and when something could be seen.
import type { Browser, Page } from 'playwright-core';
import { openPage } from '../../support/browser/chromium.js';

/** Of all pages' own processes together, of one core, in s. */
export async function rendererSeconds(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** From the beginning of the visit, in a profile that has nothing yet. */
export async function firstValueMs(browser: Browser, url: string): Promise<number> {
  const { page } = await openPage(browser, url);
  const ms = await page.evaluate(`new Promise((resolve) => {
    const look = () => {
      if (document.querySelector('[data-field] .value')?.textContent) resolve(performance.now());
      else requestAnimationFrame(look);
    };
    look();
  })`);
  await page.context().close();
  return Number(ms);
}

/** Presses the range; in ms from its answer's last byte until the frame with the new chart was made. */
export async function drawnAfterMs(page: Page, range: string): Promise<number> {
  // Not awaited here: it is there only after the click.
  await page.evaluate(`void (globalThis.drawn = new Promise((resolve) => {
    const chart = document.querySelector('figure[data-chart]');
    const before = Number(chart.dataset.to) - Number(chart.dataset.from);
    performance.clearResourceTimings();
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    new MutationObserver(async (_changes, observer) => {
      const answered = performance.getEntriesByType('resource').find(({ name }) => name.includes('/api/history'));
      const span = Number(chart.dataset.to) - Number(chart.dataset.from);
      if (answered === undefined || span <= before) return;
      observer.disconnect();
      await frame();
      await frame();
      resolve(performance.now() - answered.responseEnd);
    }).observe(chart, { attributes: true, attributeFilter: ['data-points'] });
  }))`);
  await page.getByRole('button', { name: range }).click();
  return Number(await page.evaluate('globalThis.drawn'));
}
