// A broker of the table that runs: killed and started again on the same port with what it kept.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { env, kill } from 'node:process';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { freePort } from '../support/mqtt/mosquitto.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import type { BrokerKind, Started } from './broker-kind.js';

/** For a machine that does much else: RabbitMQ alone takes 10 s. */
const START_LIMIT_MS = 120_000;

export class RunningBroker {
  readonly url: string;
  readonly kind: BrokerKind;
  readonly #started: Started;
  readonly #output: WriteStream;
  #child: ChildProcess | undefined;

  constructor(kind: BrokerKind, port: number, started: Started, output: WriteStream) {
    this.kind = kind;
    this.url = `mqtt://127.0.0.1:${String(port)}`;
    this.#started = started;
    this.#output = output;
  }

  /** Resolves when it takes an MQTT client. */
  async start(): Promise<void> {
    const child = run(this.#started, this.#output);
    this.#child = child;
    const end = performance.now() + START_LIMIT_MS;
    while (!(await takesClients(this.url))) {
      if (child.exitCode !== null || performance.now() > end)
        throw new Error(`${this.kind.name} does not start: see ${String(this.#output.path)}`);
      await sleep(100);
    }
  }

  /** `kill -9`, of all its processes. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await killGroup(this.#child);
    this.#child = undefined;
  }
}

export async function startBroker(t: TestContext, kind: BrokerKind): Promise<RunningBroker> {
  const port = await freePort();
  const folder = await temporaryFolder(t);
  const started = await kind.prepare({ port, folder });
  const output = createWriteStream(join(folder, 'output.log'), { flags: 'a' });
  // The stream itself says nothing that the broker would not have to say first.
  output.on('error', (error) => {
    t.diagnostic(`the output of ${kind.name} is lost: ${error.message}`);
  });
  const beside = kind.beside?.({ port, folder });
  if (beside !== undefined) {
    const child = run(beside, output);
    t.after(async () => killGroup(child));
  }
  const broker = new RunningBroker(kind, port, started, output);
  t.after(async () => broker.kill());
  await broker.start();
  return broker;
}

function run({ command, args, env: more = {} }: Started, output: WriteStream): ChildProcess {
  // A group of its own: what it starts in turn ends with it.
  const child = spawn(command, args, {
    env: { ...env, ...more },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream.pipe(output, { end: false });
  child.on('error', (error) => output.write(`${error.message}\n`));
  return child;
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  kill(-child.pid, 'SIGKILL');
  await ended;
}

async function takesClients(url: string): Promise<boolean> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 2000, protocolVersion: 4 });
  const taken = await new Promise<boolean>((resolve) => {
    client.once('connect', () => {
      resolve(true);
    });
    // An error is followed by this; both mean: not yet.
    client.on('error', () => undefined);
    client.once('close', () => {
      resolve(false);
    });
  });
  await client.endAsync(true);
  return taken;
}
