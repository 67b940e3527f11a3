// The real Prometheus that tests/support/prometheus/prepare has brought, scraping gateways with the alert rules of docs/.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { stringify } from 'yaml';
import { freePort } from '../mqtt/mosquitto.js';
import { ROOT } from '../repository.js';
import { temporaryFolder } from '../temporary-folder.js';
import { untilAsync } from '../waiting.js';

const FOLDER = join(ROOT, 'tests', 'support', 'prometheus');

function find(name: string): string | undefined {
  return [join(FOLDER, name), name].find((program) => spawnSync(program, ['--version']).status === 0);
}

export const PROMTOOL = find('promtool');
const PROMETHEUS = find('prometheus');

/** For a test's `skip` option: why, said loudly, or false. */
export const withoutPrometheus: string | false =
  (PROMTOOL === undefined || PROMETHEUS === undefined) &&
  'PROMETHEUS IS NOT THERE: tests/support/prometheus/prepare. Rules, metrics and queries were not checked by it.';

/** What it was asked for, by a path of its HTTP API below /api/v1/. Rejects with what it says of a mistake. */
export type Ask = (path: string, words?: Readonly<Record<string, string>>) => Promise<unknown>;

/** `targets` are `host:port`. It looks at them, and at its rules, every second. */
export async function startPrometheus(
  t: TestContext,
  {
    job,
    targets,
    rules,
  }: { readonly job: string; readonly targets: readonly string[]; readonly rules: string },
): Promise<Ask> {
  const [folder, port] = [await temporaryFolder(t), await freePort()];
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [{ job_name: job, static_configs: [{ targets }] }],
  };
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, stringify(config));
  const address = `127.0.0.1:${String(port)}`;
  const words = [`--config.file=${file}`, `--storage.tsdb.path=${folder}/data`];
  const child = spawn(PROMETHEUS ?? '', [...words, `--web.listen-address=${address}`], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await untilAsync('Prometheus answers', async () => {
    const ready = await fetch(`http://${address}/-/ready`).catch(() => undefined);
    return ready?.ok === true;
  });
  return async (path, asked = {}) => {
    const answer = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(asked).toString()}`);
    const { status, data, error } = (await answer.json()) as {
      status: string;
      data: unknown;
      error?: string;
    };
    if (status !== 'success') throw new Error(`${path} ${JSON.stringify(asked)}: ${String(error)}`);
    return data;
  };
}
