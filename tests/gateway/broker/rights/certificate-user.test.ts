// Who a certificate names, on real TLS connections: the first, and one that resumes its session.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { certificateUserOf } from '../../../../gateway/broker/rights/certificate-user.js';
import { withoutOpenssl } from '../../../support/certificates.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

void test(
  'a resumed TLS 1.3 session without a certificate names nobody',
  { skip: withoutOpenssl },
  async (t) => {
    const folder = await temporaryFolder(t);
    const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'cert')];
    const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', keyFile, '-out', certFile];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], {
      stdio: 'ignore',
    });
    const [key, cert] = await Promise.all([readFile(keyFile), readFile(certFile)]);
    const users: (string | undefined)[] = [];
    const resumed: boolean[] = [];
    const options = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false };
    const server = createServer(options, (socket: TLSSocket) => {
      users.push(certificateUserOf(socket));
      resumed.push(socket.isSessionReused());
      socket.on('error', () => undefined);
      socket.end('hello');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const visit = async (session?: Buffer): Promise<Buffer | undefined> => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        ca: cert,
        servername: 'localhost',
        ...(session && { session }),
      });
      let ticket: Buffer | undefined;
      socket.on('session', (given) => (ticket = given));
      socket.resume();
      await once(socket, 'close');
      return ticket;
    };
    await visit(await visit());
    assert.deepEqual(resumed, [false, true]);
    assert.deepEqual(users, [undefined, undefined]);
  },
);
