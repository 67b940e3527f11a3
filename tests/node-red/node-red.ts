// The real Node-RED as its user has it, with a folder of the test's own; asked by its admin API and by what its editor hears.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { freePort } from '../support/mqtt/mosquitto.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { untilAsync } from '../support/waiting.js';

const CACHE = env['NODE_RED_CACHE'] ?? join(homedir(), '.cache', 'i2c-mqtt-gateway', 'node-red');
const START_LIMIT_MS = 120_000;

/** For a test's `skip` option: why, said loudly, or false. */
export const withoutNodeRed: string | false =
  !existsSync(join(CACHE, 'is-ready')) &&
  'NODE-RED IS NOT THERE: tests/node-red/prepare. The flow of docs/ was not tried.';

/** What a debug node said. */
export interface Said {
  readonly node: string;
  readonly text: string;
}

export interface NodeRed {
  readonly url: string;
  readonly said: readonly Said[];
  /** GET without a body, else POST. Rejects with what is not answered with 2xx. */
  readonly admin: (path: string, body?: unknown) => Promise<unknown>;
  readonly log: () => string;
}

export async function startNodeRed(t: TestContext): Promise<NodeRed> {
  const [port, folder] = [await freePort(), await temporaryFolder(t)];
  const settings = {
    ...{ uiHost: '127.0.0.1', uiPort: port, flowFile: 'flows.json', credentialSecret: false },
    telemetry: { enabled: false, updateNotification: false },
  };
  const settingsFile = join(folder, 'settings.js');
  await writeFile(settingsFile, `module.exports = ${JSON.stringify(settings)};\n`);
  const modules = join(CACHE, 'node_modules');
  const program = [join(modules, 'node-red', 'red.js'), '--userDir', folder, '--settings', settingsFile];
  const child = spawn(join(modules, '.bin', 'node'), program, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const url = `http://127.0.0.1:${String(port)}`;
  const isUp = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`Node-RED ended: ${log}`);
    const nodes = await fetch(`${url}/nodes`, { headers: { accept: 'application/json' } }).catch(
      () => undefined,
    );
    return nodes?.ok === true && (await nodes.text()).includes('ui-gauge');
  };
  await untilAsync('Node-RED with its dashboard', isUp, START_LIMIT_MS);
  return { url, said: await listen(t, url), admin: (path, body) => ask(url + path, body), log: () => log };
}

async function ask(url: string, body: unknown): Promise<unknown> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const posted = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(url, { headers, ...posted });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${String(response.status)} ${text}`);
  return (response.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) : text;
}

/** As the editor's debug sidebar does. */
async function listen(t: TestContext, url: string): Promise<readonly Said[]> {
  const said: Said[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/comms`);
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const messages = JSON.parse(data.toString()) as Heard | readonly Heard[];
    for (const { topic, data } of [messages].flat() as readonly Heard[])
      if (topic === 'debug' && data !== undefined)
        said.push({ node: data.name ?? '', text: String(data.msg) });
  });
  await once(socket, 'open');
  t.after(() => {
    socket.terminate();
  });
  socket.send('{"subscribe":"debug"}');
  return said;
}

interface Heard {
  readonly topic?: string;
  readonly data?: { readonly name?: string; readonly msg?: unknown };
}
