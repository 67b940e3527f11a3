// Somebody looks for a fault on the bus: scan, read, write and trace, beside a running gateway and without one.
import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { SingleInstanceLock } from '../../../gateway/store/file/instance-lock.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

test('beside a running gateway they go through its queue', async (t) => {
  const gateway = await startGateway(t);
  const { dataDir, pageUrl } = gateway;
  const shell = (...args: string[]) => runToEnd(t, [...args, '--data', dataDir]);
  const scan = await shell('scan');
  assert.equal(scan.code, 0);
  assert.match(scan.output, /through the gateway/);
  assert.match(scan.output, /0x18 {2}answers: lamp-1/);
  const refused = await shell('write', 'lamp-1', '20', '80');
  assert.equal(refused.code, 1);
  assert.match(refused.output, /^bad_argument: Nothing was written/);
  const written = await shell('write', 'lamp-1', '20', '80', '--yes');
  assert.equal(written.code, 0, written.output);
  assert.match((await shell('read', 'lamp-1', '1', '--write', '20')).output, /read {3}80/);
  // Everything that went to the lamp, the gateway's own polls among it.
  const trace = await shell('trace', 'lamp-1', '--last', '100');
  assert.match(trace.output, /ok +20 80\n/);
  assert.match(trace.output, / 10 +[\dA-F ]+ level=\d+/);
  const client = await connectClient(t, gateway.mqttUrl);
  await client.subscribe('iot/greenhouse/response/trace', 1);
  await client.publish('iot/greenhouse/request/trace', '{"device":"lamp-1","last":100}', { qos: 1 });
  const response = (await client.message('iot/greenhouse/response/trace')).text;
  assert.match(response, /"write":"20 80".*"write":"10",.*"values":\{"level":\d+/);
  // Where the shell may write, the network may not unless it is told so.
  const body = JSON.stringify({ device: 'lamp-1', write: '20 80' });
  const overHttp = await fetch(new URL('api/request/write', pageUrl), { method: 'POST', body });
  assert.equal(overHttp.status, 403);
  assert.equal((await stat(join(dataDir, 'control.sock'))).mode & 0o777, 0o600);
  const absent = await shell('read', '0x50', '1');
  assert.equal(absent.code, 1);
  assert.match(absent.output, /no_ack: No acknowledgement at 0x50/);
  assert.equal(await gateway.end('SIGTERM'), 0);
  await assert.rejects(stat(join(dataDir, 'control.sock')), { code: 'ENOENT' });
});

test('after a kill -9 the shell finds nobody, and the next gateway is found again', async (t) => {
  const first = await startGateway(t);
  await first.end('SIGKILL');
  const { dataDir } = first;
  const alone = await runToEnd(t, ['trace', '--data', dataDir]);
  assert.equal(alone.code, 1);
  assert.match(alone.output, /^closed: No gateway runs/);
  await startGateway(t, { dataDir });
  assert.equal((await runToEnd(t, ['trace', '--data', dataDir])).code, 0);
});

test('without a gateway they work directly, and need to be told on what', async (t) => {
  const dataDir = join(await temporaryFolder(t), 'none');
  const simulated = await runToEnd(t, ['scan', '--simulate', '--json', '--data', dataDir]);
  assert.equal(simulated.code, 0);
  assert.equal((JSON.parse(simulated.output) as { found: unknown[] }).found.length, 4);
  assert.doesNotMatch(simulated.output, /warning/);
  const byReading = await runToEnd(t, ['scan', '--simulate', '--probe', 'read', '--data', dataDir]);
  assert.match(byReading.output, /^warning: .* calls onRequest on every Arduino/m);
  assert.match(byReading.output, /probed by reading a byte: this called onRequest/);
  const unnamed = await runToEnd(t, ['scan', '--data', dataDir]);
  assert.equal(unnamed.code, 1);
  assert.match(unnamed.output, /^bad_argument: No gateway runs on this data folder. Name the bus/);
  const missing = await runToEnd(t, ['scan', '--bus', '/dev/i2c-99', '--data', dataDir]);
  assert.equal(missing.code, 1);
  assert.match(missing.output, /^bus_unavailable: /);
});

test('a real bus is not touched while a gateway has the data folder and does not answer', async (t) => {
  const dataDir = join(await temporaryFolder(t), 'data');
  await mkdir(dataDir);
  const lock = new SingleInstanceLock(dataDir);
  await lock.start();
  t.after(() => lock.stop());
  const { code, output } = await runToEnd(t, ['scan', '--bus', '/dev/i2c-99', '--data', dataDir]);
  assert.equal(code, 1);
  assert.match(output, /^closed: A gateway runs on /);
});
