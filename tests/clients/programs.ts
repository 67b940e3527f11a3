// MQTT clients that are programs of their own, and what they say: a line of JSON for each message.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import type { TestContext } from 'node:test';

const CACHE = env['CLIENTS_CACHE'] ?? join(homedir(), '.cache', 'i2c-mqtt-gateway', 'clients');
export const PYTHON = join(CACHE, 'venv', 'bin', 'python');

/** For a test's `skip` option: why, said loudly, or false. */
export const withoutPythonClients: string | false =
  !existsSync(join(CACHE, 'is-ready')) &&
  'NO MQTT CLIENTS OF PYTHON: tests/clients/prepare (python3-venv). They were not tried.';

export const withoutMosquittoClients: string | false =
  !isThere('mosquitto_rr') && 'NO MOSQUITTO CLIENTS: apt-get install mosquitto-clients. They were not tried.';

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--help'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}

export interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
}

export interface ClientProgram {
  readonly heard: readonly Heard[];
  /** Both streams, for the message of a failure. */
  readonly output: () => string;
}

/** Ended with the test. */
export function startClient(t: TestContext, program: string, args: readonly string[]): ClientProgram {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  t.after(async () => {
    child.kill();
    await ended;
  });
  const heard: Heard[] = [];
  let [output, rest] = ['', ''];
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
    const lines = (rest + data.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) heard.push(heardIn(line));
  });
  return { heard, output: () => output };
}

function heardIn(line: string): Heard {
  const { topic, payload, retain } = JSON.parse(line) as { topic: string; payload: unknown; retain: number };
  return { topic, payload: String(payload), isRetained: retain === 1 };
}

/** Until it ends by itself; rejects where it fails. What it printed. */
export function runClient(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${String(code)}: ${output}`));
    });
  });
}
