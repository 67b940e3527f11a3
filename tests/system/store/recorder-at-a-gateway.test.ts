// A recorder alone at another gateway's embedded broker, with a user of its own; and what it refuses to start with.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeHash } from '../../../gateway/broker/rights/password-hash.js';
import { identityOf, type Sample } from '../../../shared/sample.js';
import { exampleFile, runToEnd, startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { startRecorder } from '../../support/recorder-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

test('as a user of the role recorder it records what a gateway’s own broker carries, and tells its health', async (t) => {
  const folder = await temporaryFolder(t);
  const users = { password_file: join(folder, 'passwords'), acl_file: join(folder, 'acl') };
  const change = (config: Record<string, unknown>): void => {
    config['users'] = users;
  };
  const passwords = ['centre', 'vera'].map(async (user) => `${user}:${await makeHash(Buffer.from('pw'))}\n`);
  await writeFile(users.password_file, (await Promise.all(passwords)).join(''));
  await writeFile(users.acl_file, 'user vera\ntopic read iot/#\n');
  const config = await exampleFile(t, change);
  const made = await runToEnd(t, ['user', 'centre', '--role', 'recorder', '--config', config]);
  assert.equal(made.code, 0, made.output);

  const gateway = await startGateway(t, { change });
  const url = new URL(gateway.mqttUrl);
  [url.username, url.password] = ['centre', 'pw'];
  const file = join(folder, 'recorder.yaml');
  await writeFile(file, 'recorder: { name: centre }\n');
  const recorder = await startRecorder(t, url.href, { args: ['--config', file] });
  const vera = await connectClient(t, gateway.mqttUrl, { username: 'vera', password: 'pw' });
  await vera.subscribe('iot/greenhouse/device/lamp-1/telemetry', 1);
  await vera.subscribe('iot/centre/health');
  await until(
    'two samples',
    () => vera.received.filter(({ topic }) => topic.endsWith('/telemetry')).length >= 2,
  );
  await until(
    'a health that tells of them',
    () => vera.received.some(({ topic, text }) => topic.endsWith('/health') && /"accepted":[1-9]/.test(text)),
    30_000,
  );
  const seen = vera.received
    .filter(({ topic }) => topic.endsWith('/telemetry'))
    .map(({ text }) => identityOf({ ...(JSON.parse(text) as Sample), device: 'lamp-1' }));
  assert.equal(await gateway.end('SIGTERM'), 0);
  assert.equal(await recorder.end('SIGTERM'), 0);
  const words = ['history', 'lamp-1', '--format', 'jsonl', '--data', recorder.dataDir];
  const { output } = await runToEnd(t, words);
  for (const identity of seen.slice(0, 2)) {
    const [boot, , seq] = identity.split('/');
    assert.ok(output.includes(`"boot":"${String(boot)}","seq":${String(seq)},`), `${identity} in ${output}`);
  }
  assert.doesNotMatch(recorder.output(), /refused what/);
});

test('--only takes the recorder and nothing else, and only with a broker', async (t) => {
  const data = ['--data', await temporaryFolder(t)];
  const refused = async (args: readonly string[], why: RegExp): Promise<void> => {
    const { code, output } = await runToEnd(t, ['start', ...data, ...args]);
    assert.equal(code, 1);
    assert.match(output, why);
  };
  await refused(['--only', 'web'], /^config_invalid: --only takes recorder, not web\.$/m);
  await refused(['--only', 'recorder'], /^config_invalid: --only recorder needs --mqtt URL/m);
  const url = ['--mqtt', 'mqtt://127.0.0.1:1'];
  const file = await exampleFile(t, (config) => {
    config['recorder'] = { name: 'greenhouse' };
  });
  await refused(
    ['--only', 'recorder', ...url, '--config', file],
    /^config_invalid: recorder.name must not be/m,
  );
  const recorder = await startRecorder(t, 'mqtt://127.0.0.1:1');
  await refused(
    ['--only', 'recorder', ...url, '--data', recorder.dataDir],
    /^data_in_use: Another gateway runs on the data folder/m,
  );
});
