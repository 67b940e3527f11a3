// What the page costs, in a real Chromium before the real program, at a hundred values a second: the gateway's processor time and
// event-loop delay with twenty pages open beside none, by turns; the page's own processor time; how soon it shows the first value;
// and how long a year of one field takes to be drawn once its answer is there. Figures only, nothing passes or fails.
// Run: npm run build && node dist/tests/bench/page.js [seconds a turn, 30] [seconds between the readings of the year, 60]
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser/chromium.js';
import { connectClient, type TestClient } from '../support/mqtt/client.js';
import { cpuSeconds } from '../support/process-cpu.js';
import { runProgram } from '../support/gateway-process.js';
import { temporaryFolder, type Ends } from '../support/temporary-folder.js';
import { until } from '../support/waiting.js';
import { drawnAfterMs, firstValueMs, rendererSeconds } from './page/browser-times.js';
import { fillYear, METER, VALUES_A_SECOND, writeSite } from './page/site.js';

const [turnS = 30, everyS = 60] = process.argv.slice(2).map(Number);
const PAGES = 20;
const TURNS = 2;
const ROUNDS = 5;
/** Until what comes at the beginning is over. */
const SETTLE_MS = 5000;

const ends: (() => unknown)[] = [];
const t: Ends = {
  after: (end) => {
    ends.unshift(end);
  },
};
try {
  await run();
} finally {
  for (const end of ends) await end();
}

interface Turn {
  /** Of a core. */
  readonly share: number;
  readonly p99: number;
}

async function run(): Promise<void> {
  const folder = await temporaryFolder(t);
  const readings = await fillYear(folder, everyS * 1000);
  const args = ['start', '--simulate', '--config', await writeSite(folder), '--data', folder];
  const { child, output } = runProgram(t, args);
  const address = (name: string): Promise<string> =>
    until(`${name} in: ${output()}`, () => new RegExp(`^ +${name} +(\\S+)$`, 'm').exec(output())?.[1]);
  const [url, mqttUrl] = [await address('page'), await address('MQTT')];
  const client = await connectClient(t, mqttUrl);
  await client.subscribe('iot/greenhouse/health');
  const pid = child.pid ?? 0;
  const browser = await startBrowser(t);
  await alone(browser, url);
  await year(browser, url, readings);
  // Twenty pages are of twenty machines: what they draw is not to take the gateway's own time.
  setPriority(constants.priority.PRIORITY_LOW);
  const crowd = await startBrowser(t);
  const without: Turn[] = [];
  const withPages: Turn[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    without.push(await gatewayTurn(pid, client));
    const pages: Page[] = [];
    while (pages.length < PAGES) pages.push((await openPage(crowd, url)).page);
    for (const page of pages) await page.locator('[data-field] .value').first().waitFor();
    withPages.push(await gatewayTurn(pid, client));
    for (const page of pages) await page.context().close();
  }
  sayTurns(without, withPages);
}

/** Of the gateway; its event loop is told of every ten seconds. */
async function gatewayTurn(pid: number, client: TestClient): Promise<Turn> {
  await sleep(SETTLE_MS);
  client.received.length = 0;
  const [startedMs, before] = [performance.now(), await cpuSeconds(pid)];
  await sleep(turnS * 1000);
  const share = ((await cpuSeconds(pid)) - before) / ((performance.now() - startedMs) / 1000);
  // The first is of the time before as well.
  const told = client.received.slice(1).map(({ text }) => JSON.parse(text) as Health);
  return { share, p99: Math.max(0, ...told.map(({ eventLoopDelayMs }) => eventLoopDelayMs.p99)) };
}

interface Health {
  readonly eventLoopDelayMs: { readonly p99: number };
}

function sayTurns(without: readonly Turn[], withPages: readonly Turn[]): void {
  const percent = (turns: readonly Turn[]): string => (mean(turns) * 100).toFixed(1);
  const p99 = (turns: readonly Turn[]): string => String(Math.max(...turns.map((turn) => turn.p99)));
  console.log(
    `the gateway with ${String(PAGES)} pages open, and with none: ${percent(withPages)} and ${percent(without)} % of a core, ` +
      `${(mean(withPages) / mean(without)).toFixed(2)} times; event-loop delay p99 ${p99(withPages)} and ${p99(without)} ms`,
  );
}

function mean(turns: readonly Turn[]): number {
  return turns.reduce((sum, { share }) => sum + share, 0) / turns.length;
}

/** One page: how soon it is there, and what it costs while it stands. */
async function alone(browser: Browser, url: string): Promise<void> {
  const first: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) first.push(await firstValueMs(browser, url));
  console.log(`the first value: ${median(first).toFixed(0)} ms after the page was asked for`);
  const { page } = await openPage(browser, url);
  await sleep(SETTLE_MS);
  const [startedMs, before] = [performance.now(), await rendererSeconds(browser)];
  await sleep(turnS * 1000);
  const share = ((await rendererSeconds(browser)) - before) / ((performance.now() - startedMs) / 1000);
  console.log(
    `the page at ${String(VALUES_A_SECOND)} values a second, all of its ${String(await page.locator('article.card').count())} devices ` +
      `shown: ${(share * 100).toFixed(1)} % of a core`,
  );
  await page.context().close();
}

async function year(browser: Browser, url: string, readings: number): Promise<void> {
  const { page } = await openPage(browser, `${url}#/devices/${METER}`);
  await page.locator('.chart canvas').first().waitFor();
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.getByRole('button', { name: '1 hour' }).click();
    await sleep(1000);
    took.push(await drawnAfterMs(page, '1 year'));
  }
  console.log(
    `a year of one field, ${String(readings)} readings: drawn ${median(took).toFixed(0)} ms after its answer`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
