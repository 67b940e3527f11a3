// Somebody keeps a copy while the gateway runs, and goes on from it in another folder.
import assert from 'node:assert/strict';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { readFile } from 'node:fs/promises';
import { exampleFile, runToEnd, startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const SAMPLE = { ts: 1_767_000_000_000, boot: 'probe-boot', seq: 7, values: { level: 42 } };

test('a gateway is backed up while it runs, refused to be restored over, and goes on elsewhere', async (t) => {
  const folder = await temporaryFolder(t);
  const passwords = join(folder, 'passwords');
  await writeFile(passwords, '');
  const users = { password_file: passwords, anonymous: true };
  const config = await exampleFile(t, (example) => {
    example['users'] = users;
  });
  const gateway = await startGateway(t, { change: (example) => (example['users'] = users) });
  const client = await connectClient(t, gateway.mqttUrl);
  await client.publish('iot/greenhouse/device/probe/telemetry', JSON.stringify(SAMPLE), { qos: 1 });
  await client.publish('note', 'kept', { qos: 1, retain: true });

  const archive = join(folder, 'all.tar.gz');
  const backup = ['backup', archive, '--config', config, '--data', gateway.dataDir];
  const made = await runToEnd(t, backup);
  assert.equal(made.code, 0, made.output);
  assert.match(made.output, /gateway greenhouse, store of version 4\n.* config\/gateway\.yaml\n/);
  assert.doesNotMatch(made.output, /%|\r/);
  assert.equal((await stat(archive)).mode & 0o777, 0o600);
  assert.match((await runToEnd(t, backup)).output, /^bad_argument: .* is there already/);

  const over = await runToEnd(t, [
    'restore',
    archive,
    '--only',
    'data',
    '--force',
    '--data',
    gateway.dataDir,
  ]);
  assert.match(over.output, /^data_in_use: /);
  assert.equal(await gateway.end('SIGINT'), 0);
  // As a power cut in the middle of a restore leaves it.
  await writeFile(join(gateway.dataDir, 'restore.unfinished'), '');
  const start = ['start', '--simulate', '--config', config, '--data', gateway.dataDir];
  for (const more of [[], ['--only', 'recorder', '--mqtt', 'mqtt://127.0.0.1:1']])
    assert.match(
      (await runToEnd(t, [...start, ...more])).output,
      /^store_failed: A restore into .* was cut off/,
    );

  await rm(passwords);
  const newConfig = join(folder, 'new', 'my.yaml');
  const dataDir = join(folder, 'new', 'data');
  const restored = await runToEnd(t, ['restore', archive, '--config', newConfig, '--data', dataDir]);
  assert.equal(restored.code, 0, restored.output);
  assert.match(restored.output, /was .*passwords, where the configuration looks for it: put it there/);
  const { gateway: id, users: kept } = parse(await readFile(newConfig, 'utf8')) as Record<string, unknown>;
  assert.deepEqual([id, stringify(kept)], ['greenhouse', stringify(users)]);

  const next = await startGateway(t, { dataDir });
  const reader = await connectClient(t, next.mqttUrl);
  await reader.subscribe('note', 1);
  assert.equal((await reader.message('note')).text, 'kept');
  const { output } = await runToEnd(t, ['export', 'probe', '--data', dataDir]);
  assert.match(output, /"boot":"probe-boot","seq":7/);
  assert.equal(await next.end('SIGINT'), 0);
});
