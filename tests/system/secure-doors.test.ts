// TLS as somebody sets it up: two files in the configuration, then mqtts, https and wss; a renewal while it runs, and
// files that are wrong.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { makeHash } from '../../gateway/broker/rights/password-hash.js';
import { TestAuthority, withoutOpenssl } from '../support/certificates.js';
import { exampleFile, runToEnd, startGateway, type ExampleConfig } from '../support/gateway-process.js';
import { connectClient } from '../support/mqtt/client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/waiting.js';

interface Setup {
  readonly authority: TestAuthority;
  readonly ca: string;
  readonly change: (config: ExampleConfig) => void;
}

async function setUp(t: TestContext): Promise<Setup> {
  const folder = await temporaryFolder(t);
  const authority = new TestAuthority(folder);
  const { certificate, key } = authority.sign('server', 'first');
  const users = { password_file: join(folder, 'passwords'), acl_file: join(folder, 'acl') };
  await writeFile(users.password_file, `alice:${await makeHash(Buffer.from('secret'))}\n`);
  await writeFile(users.acl_file, 'user alice\ntopic iot/#\nuser probe-7\ntopic read iot/+/status\n');
  const change = (config: ExampleConfig): void => {
    config['users'] = users;
    config['tls'] = { certificate, key, client_ca: authority.certificate, mqtt_port: 0, https_port: 0 };
  };
  return { authority, ca: await readFile(authority.certificate, 'utf8'), change };
}

async function start(t: TestContext, { change }: Setup) {
  const gateway = await startGateway(t, { change });
  const address = async (scheme: string): Promise<string> =>
    until(scheme, () => new RegExp(`\\b${scheme}://\\S+`).exec(gateway.output())?.[0]);
  return { gateway, mqtts: await address('mqtts'), https: await address('https') };
}

async function status(url: string, options: RequestOptions): Promise<number | undefined> {
  const request = get(url, { ...options, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

void test(
  'by mqtts, https and wss come users with a password and those whom a certificate names',
  { skip: withoutOpenssl },
  async (t) => {
    const setup = await setUp(t);
    const { ca, authority } = setup;
    const { mqtts, https } = await start(t, setup);
    const alice = { username: 'alice', password: 'secret' };
    const files = authority.sign('probe', 'probe-7');
    const probe = { cert: await readFile(files.certificate, 'utf8'), key: await readFile(files.key, 'utf8') };
    const wss = `${https.replace('https', 'wss').replace(/\/$/, '')}/mqtt`;
    for (const url of [mqtts, wss]) {
      const secure = (more: object = {}): object =>
        url === wss ? { wsOptions: { ca, ...more } } : { ca, ...more };
      await assert.rejects(connectClient(t, url, secure()), { code: 5 }, url);
      const client = await connectClient(t, url, { ...secure(), ...alice });
      await client.subscribe('iot/greenhouse/device/+/state');
      await client.message('iot/greenhouse/device/lamp-1/state');
      const named = await connectClient(t, url, secure(probe));
      await named.subscribe('iot/greenhouse/status');
      await named.message('iot/greenhouse/status');
      await assert.rejects(named.subscribe('iot/greenhouse/device/#'));
    }
    assert.equal(await status(`${https}api/history?device=lamp-1`, { ca }), 401);
    assert.equal(await status(`${https}api/history?device=lamp-1`, { ca, auth: 'alice:secret' }), 200);
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    for (const url of [mqtts, https]) {
      const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca, ...old });
      await assert.rejects(once(socket, 'secureConnect'), /protocol version|unsupported|wrong version/i, url);
    }
  },
);

void test(
  'on SIGHUP a renewed certificate is shown; one that is wrong is not, and the log says why',
  { skip: withoutOpenssl },
  async (t) => {
    const setup = await setUp(t);
    const { ca, authority } = setup;
    const { gateway, mqtts, https } = await start(t, setup);
    const stays = await connectClient(t, mqtts, { ca, username: 'alice', password: 'secret' });
    const shown = async (): Promise<string[]> =>
      Promise.all(
        [mqtts, https].map(async (url) => {
          const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca });
          await once(socket, 'secureConnect');
          const name = String(socket.getPeerCertificate().subject.CN);
          socket.destroy();
          return name;
        }),
      );
    const times = (what: string): number => gateway.output().split(what).length;
    const afterReload = async (what: string): Promise<string[]> => {
      const before = times(what);
      gateway.child.kill('SIGHUP');
      await until(what, () => times(what) > before);
      return shown();
    };
    // Nothing has changed that the look at the files could have seen.
    assert.deepEqual(await afterReload('certificates were read again'), ['first', 'first']);
    assert.deepEqual(await shown(), ['first', 'first']);
    authority.sign('server', 'second');
    assert.deepEqual(await afterReload('certificates were read again'), ['second', 'second']);
    const key = join(authority.folder, 'server.key');
    authority.sign('server', 'third', -1);
    assert.deepEqual(await afterReload('server.pem: the certificate has expired on '), ['second', 'second']);
    await writeFile(key, 'nonsense');
    assert.deepEqual(await afterReload(`tls.key ${key} is not what it should be`), ['second', 'second']);
    await rm(key);
    assert.deepEqual(await afterReload(`tls.key ${key} cannot be read`), ['second', 'second']);
    await stays.subscribe('iot/greenhouse/status');
    await stays.message('iot/greenhouse/status');
  },
);

void test(
  'a key that is missing, none, or another certificate’s is refused by check and start alike, with the file and its line',
  { skip: withoutOpenssl },
  async (t) => {
    const setup = await setUp(t);
    const { authority } = setup;
    const config = await exampleFile(t, setup.change);
    const key = join(authority.folder, 'server.key');
    const refusal = async (): Promise<string> => {
      const args = ['start', '--simulate', '--config', config, '--data', await temporaryFolder(t)];
      const { code, output } = await runToEnd(t, args);
      assert.equal(code, 1, output);
      assert.deepEqual(await runToEnd(t, ['check', '--config', config]), { code, output });
      return output;
    };
    await rm(key);
    assert.match(
      await refusal(),
      new RegExp(
        `^config_invalid: .* has 1 mistake:\\n.*gateway\\.yaml:\\d+: tls\\.key: ${key} cannot be read: it is not there`,
      ),
    );
    await writeFile(key, 'nonsense');
    assert.match(
      await refusal(),
      new RegExp(
        `^config_invalid: .* has 1 mistake:\\n.*gateway\\.yaml:\\d+: tls\\.key: ${key} is not what it should be: `,
      ),
    );
    await writeFile(key, await readFile(authority.sign('other', 'other').key));
    assert.match(
      await refusal(),
      new RegExp(
        `^config_invalid: .* has 1 mistake:\\n.*gateway\\.yaml:\\d+: tls\\.key: ${key} belongs to another certificate`,
      ),
    );
  },
);

void test(
  'a certificate that has expired is said at the start, and everything else works',
  { skip: withoutOpenssl },
  async (t) => {
    const setup = await setUp(t);
    setup.authority.sign('server', 'old', -1);
    const { gateway, mqtts } = await start(t, setup);
    assert.match(gateway.output(), /server\.pem.*the certificate has expired on .*: clients refuse it/s);
    await assert.rejects(connectClient(t, mqtts, { ca: setup.ca }), /expired/);
    await connectClient(t, gateway.mqttUrl, { username: 'alice', password: 'secret' });
  },
);
