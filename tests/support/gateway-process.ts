// The real program as a user starts it: a process of its own, with ports the system chooses.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import type { TestContext } from 'node:test';
import { parse, stringify } from 'yaml';
import { exampleConfig, packageRoot } from '../../gateway/process/paths.js';
import { temporaryFolder, type Ends } from './temporary-folder.js';
import { until } from './waiting.js';

export const PROGRAM = join(packageRoot, 'dist', 'gateway', 'main.js');

export interface GatewayProcess {
  readonly mqttUrl: string;
  readonly webSocketUrl: string;
  readonly pageUrl: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** Everything it printed so far, both streams. */
  readonly output: () => string;
  /** Sends the signal and resolves with the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

export interface GatewaySettings {
  /** The data folder of an earlier process; a new one when absent. */
  readonly dataDir?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How long it has to say where it is reached. */
  readonly limitMs?: number;
  /** Changes the example's configuration, as plain data. */
  readonly change?: (config: ExampleConfig) => void;
}

export interface ExampleConfig {
  mqtt?: Record<string, unknown>;
  http?: Record<string, unknown>;
  types: Record<string, { simulate?: { firmware: string } } & Record<string, unknown>>;
  devices: Record<string, Record<string, unknown>>;
  [key: string]: unknown;
}

/** The example on free ports, in a file of the test's own. */
export async function exampleFile(
  t: TestContext,
  change: (config: ExampleConfig) => void = () => undefined,
): Promise<string> {
  const config = parse(await readFile(exampleConfig, 'utf8')) as ExampleConfig;
  config.mqtt = { port: 0 };
  config.http = { port: 0 };
  for (const { simulate } of Object.values(config.types)) {
    if (simulate) simulate.firmware = join(packageRoot, 'gateway', 'example', simulate.firmware);
  }
  change(config);
  const file = join(await temporaryFolder(t), 'gateway.yaml');
  await writeFile(file, stringify(config));
  return file;
}

/** Resolves when the gateway has said where it is reached. Ended with the test, whatever happens in it. */
export async function startGateway(t: TestContext, settings: GatewaySettings = {}): Promise<GatewayProcess> {
  const dataDir = settings.dataDir ?? (await temporaryFolder(t));
  const config = await exampleFile(t, settings.change);
  const args = ['start', '--simulate', '--config', config, '--data', dataDir, ...(settings.args ?? [])];
  const { child, output } = runProgram(t, args, settings.env);
  const address = (name: string): Promise<string> =>
    until(
      `the gateway's ${name} address in: ${output()}`,
      () => {
        if (child.exitCode !== null) throw new Error(`the gateway ended: ${output()}`);
        return new RegExp(`^ +${name} +(\\S+)$`, 'm').exec(output())?.[1];
      },
      settings.limitMs ?? 30_000,
    );
  return {
    pageUrl: await address('page'),
    mqttUrl: await address('MQTT'),
    webSocketUrl: await address('WebSocket'),
    dataDir,
    child,
    output,
    end: (signal) => ended(child, signal),
  };
}

export interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** Runs the program with these arguments; killed after the test if it still runs. */
export function runProgram(
  t: Ends,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Run {
  // A server that the tests were given is for those that ask for it.
  const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'MONGODB_URI'));
  const child = spawn(execPath, [PROGRAM, ...args], {
    env: { ...inherited, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  t.after(() => child.kill('SIGKILL'));
  return { child, output: () => output };
}

/** Runs it to its end: exit code and everything printed. */
export async function runToEnd(
  t: TestContext,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { child, output } = runProgram(t, args, more);
  await once(child, 'close');
  return { code: child.exitCode, output: output() };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
  return child.exitCode ?? child.signalCode;
}
