// mqtts, https and wss: who is let in by a certificate, which versions of TLS, and certificates that are renewed.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { get, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { makeHash } from '../../../gateway/broker/rights/password-hash.js';
import { TcpDoor } from '../../../gateway/broker/doors/tcp.js';
import { Certificates } from '../../../gateway/tls/certificates.js';
import { readPemFiles } from '../../../gateway/tls/pem-files.js';
import { HttpAccess } from '../../../gateway/web/access.js';
import { HttpServer } from '../../../gateway/web/server.js';
import { SystemClock } from '../../../gateway/process/system-clock.js';
import { TestAuthority } from '../../support/certificates.js';
import { startBroker, TOPICS, type TestBroker } from '../../support/mqtt/embedded-broker.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

interface World extends TestBroker {
  readonly authority: TestAuthority;
  readonly ca: string;
  readonly certificates: Certificates;
  readonly door: TcpDoor;
  readonly https: HttpServer;
}

async function startWorld(t: TestContext, { certificateRequired = false } = {}): Promise<World> {
  const folder = await temporaryFolder(t);
  const authority = new TestAuthority(folder);
  const server = authority.sign('server', 'first');
  const [passwordFile, aclFile] = [join(folder, 'passwords'), join(folder, 'acl')];
  await writeFile(passwordFile, `alice:${await makeHash(Buffer.from('secret'))}\n`);
  await writeFile(aclFile, 'user alice\ntopic alices/#\nuser probe-7\ntopic probes/#\n');
  const broker = await startBroker(t, {}, { passwordFile, aclFile, anonymous: false });
  const files = { ...server, clientCa: authority.certificate, certificateRequired };
  const certificates = new Certificates(
    { ...files, host: '127.0.0.1', mqttPort: 0, httpsPort: 0 },
    folder,
    broker.log,
  );
  const clock = new SystemClock();
  const common = { host: '127.0.0.1', port: 0, log: broker.log, certificates, clock };
  const door = new TcpDoor({
    ...common,
    onConnection: (socket) => {
      broker.broker.handle(socket);
    },
  });
  const https = new HttpServer({
    ...common,
    access: new HttpAccess(broker.doorkeeper, TOPICS),
    health: () => ({ ok: true, reasons: [] }),
    facts: () => ({ gateway: 'greenhouse', base: 'iot', version: '0.0.0', mqttUrl: door.url }),
    onMqttSocket: (stream, request) => {
      broker.broker.handle(stream, request);
    },
  });
  for (const part of [certificates, door, https]) {
    await part.start();
    t.after(async () => part.stop());
  }
  return {
    ...broker,
    authority,
    ca: await readFile(authority.certificate, 'utf8'),
    certificates,
    door,
    https,
  };
}

async function pair({ certificate, key }: { readonly certificate: string; readonly key: string }): Promise<{
  readonly cert: string;
  readonly key: string;
}> {
  return { cert: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') };
}

async function status(url: string, options: RequestOptions): Promise<number | undefined> {
  const request = get(url, { ...options, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

void test('over mqtts and wss a password is asked for, or a certificate says who it is', async (t) => {
  const { authority, ca, door, https } = await startWorld(t);
  const wss = `${https.url.replace('https', 'wss')}mqtt`;
  const probe = await pair(authority.sign('probe', 'probe-7'));
  for (const [url, protocolVersion] of [door.url, wss].flatMap((at) => [
    [at, 4] as const,
    [at, 5] as const,
  ])) {
    const secure = (more: object): object => ({
      ...(url === wss ? { wsOptions: { ca, ...more } } : { ca, ...more }),
      protocolVersion,
    });
    // Not authorized, in the words of either version.
    const code = protocolVersion === 5 ? 135 : 5;
    await assert.rejects(connectClient(t, url, secure({})), { code }, url);
    const alice = await connectClient(t, url, { ...secure({}), username: 'alice', password: 'secret' });
    await alice.subscribe('alices/#', 1);
    const byCertificate = await connectClient(t, url, secure(probe));
    await byCertificate.subscribe('probes/#', 1);
    await assert.rejects(byCertificate.subscribe('alices/#', 1));
  }
  // The page itself is for everybody; whoever is let in is told what is not there.
  const elsewhere = `${https.url}nothing`;
  assert.equal(await status(elsewhere, { ca }), 401);
  assert.equal(await status(elsewhere, { ca, ...probe }), 404);
  assert.equal(await status(elsewhere, { ca, auth: 'alice:secret' }), 404);
});

void test('a certificate of a stranger is nobody, and none at all is refused where one is required', async (t) => {
  const stranger = new TestAuthority(await temporaryFolder(t));
  const forged = await pair(stranger.sign('probe', 'probe-7'));
  const open = await startWorld(t);
  await assert.rejects(connectClient(t, open.door.url, { ca: open.ca, ...forged }), { code: 5 });
  const strict = await startWorld(t, { certificateRequired: true });
  const { ca, door } = strict;
  await assert.rejects(connectClient(t, door.url, { ca, username: 'alice', password: 'secret' }));
  await assert.rejects(connectClient(t, door.url, { ca, ...forged }));
  await connectClient(t, door.url, { ca, ...(await pair(strict.authority.sign('probe', 'probe-7'))) });
});

void test('TLS 1.1 is refused, 1.2 and 1.3 are spoken', async (t) => {
  const { ca, door } = await startWorld(t);
  const speak = async (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> => {
    // At its usual security level OpenSSL itself would not try 1.1.
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const socket = connect({
      port: door.port,
      host: '127.0.0.1',
      ca,
      ciphers,
      minVersion: version,
      maxVersion: version,
    });
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    return socket.getProtocol();
  };
  await assert.rejects(speak('TLSv1.1'), /protocol version|unsupported protocol|wrong version/i);
  assert.equal(await speak('TLSv1.2'), 'TLSv1.2');
  assert.equal(await speak('TLSv1.3'), 'TLSv1.3');
});

void test('a renewed certificate is shown without a restart, and who is connected stays', async (t) => {
  const { authority, ca, door, https, log } = await startWorld(t);
  const alice = await connectClient(t, door.url, { ca, username: 'alice', password: 'secret' });
  const shown = async (port: number): Promise<string> => {
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca });
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    return String(socket.getPeerCertificate().subject.CN);
  };
  assert.deepEqual([await shown(door.port), await shown(https.port)], ['first', 'first']);
  authority.sign('server', 'second');
  await until('the renewal is seen', () => log.saying('certificates were read again').length > 0);
  assert.deepEqual([await shown(door.port), await shown(https.port)], ['second', 'second']);
  await alice.subscribe('alices/#', 1);
  await writeFile(join(authority.folder, 'server.key'), 'nonsense');
  await until('the mistake is said', () => log.saying('certificates stay as they were').length > 0);
  assert.equal(await shown(door.port), 'second');
});

test('a key with a pass phrase is told as that, with what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const { certificate } = new TestAuthority(folder).sign('server', 'first');
  const key = join(folder, 'secret.key');
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    });
    await writeFile(key, privateKey);
    const ports = { host: '127.0.0.1', mqttPort: 0, httpsPort: 0, certificateRequired: false };
    await assert.rejects(readPemFiles({ ...ports, certificate, key }, folder), {
      code: 'config_invalid',
      message: /tls\.key .* has a pass phrase.*openssl pkey -in /,
    });
  }
});
