// A real browser, driven over its own debugging protocol, for tests of the status page.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];
const PROGRAM = PROGRAMS.find((program) => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** For a test's `skip` option: why, said loudly, or false. */
export const withoutChromium: string | false =
  PROGRAM === undefined &&
  'CHROMIUM IS NOT INSTALLED: apt-get install chromium. The status page was not tested.';

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface Browsing {
  /** What somebody types where the browser asks for a name and a password; without it the question is called off. */
  readonly login?: Login;
  /** Of Chromium's own. */
  readonly flags?: readonly string[];
}

export class BrowserPage {
  /** How often it asked for a name and a password. */
  asked = 0;
  /** What the page wrote to its console, and the errors the browser found in it. */
  readonly complaints: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #sessionId: string | undefined;
  #lastId = 0;

  constructor(socket: WebSocket, login: Login | undefined) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const reply = JSON.parse(data.toString()) as Reply;
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply);
      else if (reply.method?.startsWith('Fetch.') === true) this.#paused(reply, login);
      else if (/^(Log\.entryAdded|Runtime\.(exceptionThrown|consoleAPICalled))$/.test(reply.method ?? '')) {
        this.complaints.push(JSON.stringify(reply.params));
      }
    });
  }

  async open(url: string): Promise<void> {
    const { targetId } = await this.#call('Target.createTarget', { url: 'about:blank' });
    const attached = await this.#call('Target.attachToTarget', { targetId, flatten: true });
    this.#sessionId = String(attached['sessionId']);
    for (const domain of ['Runtime', 'Log', 'Page']) await this.#call(`${domain}.enable`, {});
    // So that the question for a password comes here, where nobody sits before the browser.
    await this.#call('Fetch.enable', { handleAuthRequests: true });
    await this.#call('Page.navigate', { url });
  }

  /** The JSON value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const reply = await this.#call('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (reply['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(reply['exceptionDetails']));
    return (reply['result'] as { readonly value?: unknown }).value;
  }

  /** Waits until the expression is true. */
  async until(expression: string): Promise<void> {
    for (let attempt = 0; attempt < 500; attempt++) {
      if ((await this.evaluate(`Boolean(${expression})`)) === true) return;
      await sleep(20);
    }
    const shown = await this.evaluate('document.body.innerText');
    throw new Error(
      `never true: ${expression}; the page shows: ${String(shown)}; ${this.complaints.join('\n')}`,
    );
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.#call('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(String(data), 'base64');
  }

  #paused({ method, params }: Reply, login: Login | undefined): void {
    const { requestId } = params as { readonly requestId: string };
    if (method !== 'Fetch.authRequired') {
      this.#ask('Fetch.continueRequest', { requestId });
      return;
    }
    this.asked++;
    const typed = login && {
      response: 'ProvideCredentials',
      username: login.user,
      password: login.password,
    };
    const authChallengeResponse = typed ?? { response: 'CancelAuth' };
    this.#ask('Fetch.continueWithAuth', { requestId, authChallengeResponse });
  }

  /** Without waiting for the answer. */
  #ask(method: string, params: object): void {
    this.#call(method, params).catch((error: unknown) => this.complaints.push(String(error)));
  }

  async #call(method: string, params: object): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const session = this.#sessionId === undefined ? {} : { sessionId: this.#sessionId };
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params, ...session }));
    });
    this.#waiting.delete(id);
    if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result ?? {};
  }
}

/** A new browser on `url`, gone after the test. */
export async function openBrowser(
  t: Pick<TestContext, 'after'>,
  url: string,
  { login, flags: more = [] }: Browsing = {},
): Promise<BrowserPage> {
  if (PROGRAM === undefined) throw new Error('chromium is not installed');
  const profile = await mkdtemp(join(tmpdir(), 'i2c-mqtt-gateway-browser-'));
  // As root, as in a container, Chromium refuses its sandbox.
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--window-size=1200,900', ...more];
  const files = ['--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'];
  const browser = spawn(PROGRAM, [...flags, ...files], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(browser, 'exit');
  t.after(async () => {
    browser.kill('SIGKILL');
    await exited;
    // Its helper processes end by themselves a moment later, and write until then.
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
  const socket = new WebSocket(await debuggerUrl(browser.stderr));
  await once(socket, 'open');
  t.after(() => {
    socket.terminate();
  });
  const page = new BrowserPage(socket, login);
  await page.open(url);
  return page;
}

async function debuggerUrl(stderr: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    stderr.on('end', () => {
      reject(new Error(`chromium ended: ${said}`));
    });
  });
}
