// The shell reaches the gateway of its data folder, and no other, or is told why not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { askGateway } from '../../../gateway/control/ask.js';
import { ControlSocket } from '../../../gateway/control/socket.js';
import { SingleInstanceLock } from '../../../gateway/store/file/instance-lock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

async function gatewayOn(t: TestContext, dataDir: string, name: string): Promise<ControlSocket> {
  await mkdir(dataDir, { recursive: true });
  const lock = new SingleInstanceLock(dataDir);
  await lock.start();
  const handlers = new Map([['who', () => Promise.resolve({ name })]]);
  const socket = new ControlSocket({ dataDir, handlers, log: new RecordingLog(), silenceMs: 8000 });
  await socket.start();
  t.after(async () => {
    await socket.stop();
    await lock.stop();
  });
  return socket;
}

void test('data folders that differ behind a hundred bytes have each their own gateway', async (t) => {
  const long = join(await temporaryFolder(t), 'x'.repeat(60), 'y'.repeat(60));
  const [one, other] = [join(long, 'one'), join(long, 'other')];
  const socket = await gatewayOn(t, one, 'one');
  await mkdir(other);
  assert.equal(await askGateway(other, 'who', {}), undefined, 'none runs there');
  await gatewayOn(t, other, 'other');
  assert.deepEqual(await askGateway(one, 'who', {}), { data: { name: 'one' } });
  assert.deepEqual(await askGateway(other, 'who', {}), { data: { name: 'other' } });
  assert.equal((await stat(join(one, 'control.sock'))).mode & 0o777, 0o600);
  await socket.stop();
  assert.ok(!(await readdir(one)).includes('control.sock'));
});

void test('that no gateway runs is said only where none does', async (t) => {
  const dataDir = await temporaryFolder(t);
  assert.equal(await askGateway(join(dataDir, 'none'), 'who', {}), undefined);
  assert.equal(await askGateway(dataDir, 'who', {}), undefined);
  const socket = await gatewayOn(t, dataDir, 'x');
  await socket.stop();
  await assert.rejects(askGateway(dataDir, 'who', {}), {
    code: 'closed',
    message: /^A gateway runs on .*control\.sock is not there/,
  });
});

void test('connections that say nothing are told as that, and do not keep the shell out for long', async (t) => {
  const dataDir = await temporaryFolder(t);
  await gatewayOn(t, dataDir, 'x');
  const silent: Socket[] = [];
  t.after(() => {
    for (const socket of silent) socket.destroy();
  });
  for (let count = 0; count < 16; count++) {
    const socket = connect(join(dataDir, 'control.sock'));
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    silent.push(socket);
  }
  await assert.rejects(askGateway(dataDir, 'who', {}), { code: 'closed', message: /runs, but hung up/ });
  await Promise.all(silent.map((socket) => once(socket, 'close')));
  assert.deepEqual(await askGateway(dataDir, 'who', {}), { data: { name: 'x' } });
});
