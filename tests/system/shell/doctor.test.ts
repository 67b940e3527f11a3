// Somebody asks what is wrong with this machine: beside the gateway that runs, and for one that could not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Finding } from '../../../gateway/doctor/finding.js';
import { TestAuthority, withoutOpenssl } from '../../support/certificates.js';
import { exampleFile, runToEnd, startGateway, type ExampleConfig } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { typePassword } from '../../support/typed-password.js';

interface Answer {
  readonly code: number | null;
  readonly of: Readonly<Record<string, Finding>>;
}

async function doctor(
  t: TestContext,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Answer> {
  const { code, output } = await runToEnd(t, ['doctor', '--json', ...args], env);
  const findings = JSON.parse(output) as Finding[];
  return { code, of: Object.fromEntries(findings.map((finding) => [finding.check, finding])) };
}

test('a gateway that runs is well; wrong credentials, taken ports and open files are told with what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');
  const change = (config: ExampleConfig): void => {
    config['users'] = { password_file: join(folder, 'passwords'), token_file: join(folder, 'tokens') };
    config.mqtt = { port };
  };
  await writeFile(join(folder, 'tokens'), '', { mode: 0o600 });
  const config = await exampleFile(t, change);
  await typePassword(t, 'anna', config, 'secret');
  const gateway = await startGateway(t, { change });

  const here = ['--simulate', '--config', config];
  const well = await doctor(t, [...here, '--data', gateway.dataDir]);
  assert.equal(well.code, 0, JSON.stringify(well.of));
  assert.match(well.of['port mqtt.port']?.found ?? '', /held by the gateway that runs on this data folder/);
  assert.match(well.of['data folder']?.found ?? '', /a gateway runs on it/);
  assert.equal(well.of['users']?.found, `${join(folder, 'passwords')}: 1 user`);

  assert.equal(well.of['tokens']?.found, `${join(folder, 'tokens')}: 0 tokens`);

  for (const name of ['passwords', 'tokens']) await chmod(join(folder, name), 0o644);
  await writeFile(join(folder, 'tokens'), 'anna:none\n');
  const elsewhere = ['--data', join(folder, 'other')];
  const url = gateway.mqttUrl.replace('//', '//anna:wrong@');
  const env = { MONGODB_URI: 'mongodb://anna:secret@127.0.0.1:1/i2c' };
  const ill = await doctor(t, [...here, ...elsewhere, '--mqtt', url], env);
  assert.equal(ill.code, 1);
  assert.deepEqual(
    ['broker', 'mongodb', 'users mode', 'tokens', 'tokens mode', 'bus'].map((check) => ill.of[check]?.state),
    ['fail', 'fail', 'warn', 'fail', 'warn', 'skipped'],
  );
  assert.doesNotMatch(JSON.stringify(ill.of), /secret|wrong@/);
  const right = await doctor(t, [...here, ...elsewhere, '--mqtt', url.replace('wrong', 'secret')]);
  assert.equal(right.of['broker']?.state, 'ok');
  const taken = await doctor(t, [...here, ...elsewhere]);
  assert.match(taken.of['port mqtt.port']?.found ?? '', /is held by a gateway \(\d+\)$/);
  assert.equal(await gateway.end('SIGINT'), 0);
});

test(
  'a certificate that has expired, and a bus that is not there, fail in words for people',
  { skip: withoutOpenssl },
  async (t) => {
    const folder = await temporaryFolder(t);
    const { certificate, key } = new TestAuthority(folder).sign('server', 'gateway', -1);
    await writeFile(join(folder, 'passwords'), '');
    const config = await exampleFile(t, (example) => {
      example['buses'] = { main: { path: '/dev/i2c-99' } };
      example['users'] = { password_file: join(folder, 'passwords'), anonymous: true };
      example['tls'] = { certificate, key, host: '127.0.0.1', mqtt_port: 0, https_port: 0 };
    });
    const { code, output } = await runToEnd(t, [
      'doctor',
      '--config',
      config,
      '--data',
      join(folder, 'data'),
    ]);
    assert.equal(code, 1);
    assert.match(output, /^fail +tls +the certificate has expired on \S+\n +→ renew it/m);
    assert.match(output, /^fail +bus main +there is no \/dev\/i2c-99/m);
    assert.match(output, /^skipped +port tls\.mqtt_port/m);
    assert.match(output, /\n[23] failed, \d+ to be looked at\.\n$/);
  },
);
