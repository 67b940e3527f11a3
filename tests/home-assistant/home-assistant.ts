// The real Home Assistant as its user has it: a fresh one of the test's own, made usable by its own first steps, and asked
// by its HTTP and WebSocket interfaces.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { env } from 'node:process';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { packageRoot } from '../../gateway/process/paths.js';
import { freePort } from '../support/mqtt/mosquitto.js';
import { untilAsync } from '../support/waiting.js';

const CACHE = env['HOME_ASSISTANT_CACHE'] ?? join(homedir(), '.cache', 'i2c-mqtt-gateway', 'home-assistant');
export const ROOT = join(CACHE, 'root');
export const INSIDE = join(packageRoot, 'tests', 'home-assistant', 'inside');
/** A start on a busy machine of two cores; 10 s on an idle one. */
const START_LIMIT_MS = 180_000;
/** It looks for its broker every ten seconds. */
export const BACK_LIMIT_MS = 60_000;

function runs(): boolean {
  try {
    execFileSync(INSIDE, [ROOT, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** For a test's `skip` option: why, said loudly, or false. */
export const withoutHomeAssistant: string | false = !existsSync(join(CACHE, 'is-ready'))
  ? 'HOME ASSISTANT IS NOT THERE: tests/home-assistant/prepare (root, mmdebstrap). It was not tried.'
  : !runs() && 'HOME ASSISTANT CAN NOT BE RUN HERE (root, chroot, mounts). It was not tried.';

export interface EntityState {
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface HomeAssistant {
  /** GET without a body, else POST. Rejects with what is not answered with 2xx. */
  readonly api: <T>(path: string, body?: unknown) => Promise<T>;
  /** One question to the WebSocket interface. */
  readonly ask: <T>(question: Readonly<Record<string, unknown>>) => Promise<T>;
  /** By their ids. */
  readonly states: () => Promise<ReadonlyMap<string, EntityState>>;
  /** Undefined while there is none of that id. */
  readonly state: (entity: string) => Promise<EntityState | undefined>;
  readonly log: () => Promise<string>;
  /** Ends it in order, and starts it anew with what it has kept. */
  readonly restart: () => Promise<void>;
}

export async function startHomeAssistant(t: TestContext): Promise<HomeAssistant> {
  const port = await freePort();
  const folder = await mkdtemp(join(ROOT, 'tmp', 'config-'));
  await writeFile(join(folder, 'configuration.yaml'), configuration(port));
  const url = `http://127.0.0.1:${String(port)}`;
  let child = run(folder);
  t.after(async () => {
    await ended(child);
    await rm(folder, { recursive: true });
  });
  const log = async (): Promise<string> => logIn(folder);
  const isUp = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`Home Assistant ended: ${await log()}`);
    return fetch(`${url}/api/onboarding`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await untilAsync('Home Assistant', isUp, START_LIMIT_MS);
  const token = await firstUser(url);
  const api = async <T>(path: string, body?: unknown): Promise<T> =>
    answer<T>(
      await fetch(`${url}/api/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  const states = async (): Promise<ReadonlyMap<string, EntityState>> => {
    const all = await api<(EntityState & { entity_id: string })[]>('states');
    return new Map(all.map((one) => [one.entity_id, one]));
  };
  return {
    api,
    ask: async (question) => ask(url, token, question),
    states,
    state: async (entity) => (await states()).get(entity),
    log,
    restart: async () => {
      await ended(child);
      child = run(folder);
      await untilAsync('Home Assistant', isUp, START_LIMIT_MS);
    },
  };
}

function run(folder: string): ChildProcess {
  const options = ['--skip-pip', '--log-no-color', '-c', `/tmp/${basename(folder)}`];
  return spawn(INSIDE, [ROOT, 'hass', ...options], { stdio: 'ignore' });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'exit');
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await end;
  clearTimeout(last);
}

/** Of the run before as well, which a start sets aside. */
async function logIn(folder: string): Promise<string> {
  const parts = ['home-assistant.log.1', 'home-assistant.log'].map(async (name) =>
    readFile(join(folder, name), 'utf8').catch(() => ''),
  );
  return (await Promise.all(parts)).join('');
}

/** Waits until it has that state. */
export async function becomes(home: HomeAssistant, entity: string, wanted: RegExp): Promise<void> {
  const told = async (): Promise<boolean> => wanted.test((await home.state(entity))?.state ?? '(none)');
  await untilAsync(`${entity} ${wanted.source}`, told, BACK_LIMIT_MS).catch(async (error: unknown) => {
    throw new Error(`${JSON.stringify(await home.state(entity))} ${await home.log()}`, { cause: error });
  });
}

function configuration(port: number): string {
  return `homeassistant: { name: Test, unit_system: metric, time_zone: UTC, latitude: 0, longitude: 0 }
http: { server_host: 127.0.0.1, server_port: ${String(port)} }
recorder: { commit_interval: 1 }
history:
logger: { default: warning, logs: { homeassistant.components.mqtt: info } }
`;
}

/** Its first page: a name and a password. Returns the token of that login. */
async function firstUser(url: string): Promise<string> {
  const user = { client_id: `${url}/`, name: 'Test', username: 'test', password: 'test', language: 'en' };
  const made = await fetch(`${url}/api/onboarding/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(user),
  });
  const { auth_code: code } = await answer<{ auth_code: string }>(made);
  const login = { grant_type: 'authorization_code', code, client_id: `${url}/` };
  const token = await fetch(`${url}/auth/token`, { method: 'POST', body: new URLSearchParams(login) });
  return (await answer<{ access_token: string }>(token)).access_token;
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${String(response.status)}: ${text}`);
  return JSON.parse(text) as T;
}

async function ask<T>(url: string, token: string, question: Readonly<Record<string, unknown>>): Promise<T> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/websocket`);
  try {
    return await new Promise<T>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        const said = JSON.parse(data.toString()) as { type: string; success?: boolean; result?: T };
        if (said.type === 'auth_required') socket.send(JSON.stringify({ type: 'auth', access_token: token }));
        else if (said.type === 'auth_ok') socket.send(JSON.stringify({ id: 1, ...question }));
        else if (said.type === 'result' && said.success === true) resolve(said.result as T);
        else reject(new Error(data.toString()));
      });
    });
  } finally {
    socket.close();
  }
}
