// A contender that runs, on a faked Linux adapter below the real i2c-bus, under a quota of CPU where one is wanted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { FAKED_BUS_PATH, FakedI2cDev } from '../../support/faked-i2c-dev.js';
import { until } from '../../support/waiting.js';
import { configOf, type Plan } from './plan.js';
import { quotaOf } from './quota.js';

export interface Contender {
  readonly name: string;
  /** A built checkout; absent of the yardstick. */
  readonly root?: string;
}

export interface Running {
  readonly pid: number;
  readonly url: string;
  /** Of the process, on the monotonic clock. */
  readonly startedMs: number;
  readonly dev: FakedI2cDev;
  stop(): Promise<void>;
}

const TRANSACTION_MS = 1;

/** `quota`: so many per cent of one core. Throws where the kernel does not let this process set one. */
export async function run(contender: Contender, plan: Plan, quota: number | undefined): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const dev = new FakedI2cDev(folder);
  dev.takes(TRANSACTION_MS);
  const group = quota === undefined ? undefined : quotaOf(quota);
  const command = [execPath, ...argumentsOf(contender, plan, folder)];
  const joins = group === undefined ? [] : ['sh', '-c', 'echo $$ > "$0" && exec "$@"', group.procs];
  const [file = execPath, ...args] = [...joins, ...command];
  const startedMs = performance.now();
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...dev.env },
  });
  const ended = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-10_000);
  });
  const url = await until('the address', () => /^ +MQTT +(\S+)$/m.exec(output)?.[1], 120_000);
  return {
    ...{ pid: child.pid ?? 0, url, startedMs, dev },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      dev.close();
      group?.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function argumentsOf({ root }: Contender, plan: Plan, folder: string): readonly string[] {
  if (root === undefined) {
    const module = fileURLToPath(new URL('./reference.js', import.meta.url));
    return [module, String(plan.devices), String(plan.everyMs)];
  }
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, configOf(plan, FAKED_BUS_PATH));
  const data = join(folder, 'data');
  return [join(root, 'dist', 'gateway', 'main.js'), 'start', '--config', config, '--data', data];
}
