// A real browser, the system's own, for tests of the page and of what pages elsewhere may do.
import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];
const PROGRAM = PROGRAMS.map((program) => {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}).find((path) => path !== undefined);

/** For a test's `skip` option: why, said loudly, or false. */
export const withoutChromium: string | false =
  PROGRAM === undefined && 'CHROMIUM IS NOT INSTALLED: apt-get install chromium. The page was not tested.';

export interface Browsing {
  /** What somebody types where the browser itself asks for a name and a password. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Of Chromium's own. */
  readonly flags?: readonly string[];
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  /** Of the browser, as in `de-DE`. */
  readonly locale?: string;
}

/** A page, and what it wrote to its console with the errors that the browser found in it. */
export interface BrowserPage {
  readonly page: Page;
  readonly complaints: string[];
  /** The JSON value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until the expression is true. */
  until(expression: string): Promise<void>;
}

/** Ended after the test. */
export async function startBrowser(
  t: Pick<TestContext, 'after'>,
  flags: readonly string[] = [],
): Promise<Browser> {
  if (PROGRAM === undefined) throw new Error('chromium is not installed');
  const browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', ...flags] });
  t.after(() => browser.close());
  return browser;
}

/** A new page on `url`, in a profile of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  { login, viewport, colorScheme, locale }: Browsing = {},
): Promise<BrowserPage> {
  const context = await browser.newContext({
    ...{ ignoreHTTPSErrors: true, viewport: viewport ?? { width: 1280, height: 800 } },
    ...{ colorScheme: colorScheme ?? 'light', locale: locale ?? 'en-GB' },
    ...(login === undefined ? {} : { httpCredentials: { username: login.user, password: login.password } }),
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return {
    page,
    complaints,
    evaluate: (expression) => page.evaluate(expression),
    // Asked again and again from outside: the page's own policy lets nobody evaluate a text within it.
    until: async (expression) => {
      for (let attempt = 0; attempt < 500; attempt += 1) {
        if (await page.evaluate(`Boolean(${expression})`)) return;
        await sleep(20);
      }
      const shown = await page.evaluate('document.body.innerText');
      throw new Error(
        `never true: ${expression}; the page shows: ${String(shown)}; ${complaints.join('\n')}`,
      );
    },
  };
}

/** A new browser on `url`, gone after the test. */
export async function openBrowser(
  t: Pick<TestContext, 'after'>,
  url: string,
  browsing: Browsing = {},
): Promise<BrowserPage> {
  return openPage(await startBrowser(t, browsing.flags), url, browsing);
}
