// What can't work is refused at the start: one sentence, its code, and an exit code.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { exampleFile, runToEnd, startGateway } from '../../support/gateway-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

test('a second gateway on the same data folder', async (t) => {
  const first = await startGateway(t);
  const second = await runToEnd(t, [
    'start',
    '--config',
    await exampleFile(t),
    '--simulate',
    '--data',
    first.dataDir,
  ]);
  assert.equal(second.code, 1);
  assert.match(second.output, /^data_in_use: Another gateway runs on the data folder .*\n$/m);
});

test('a port that another program has', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const config = await exampleFile(t, (example) => {
    example.mqtt = { port };
  });
  const { code, output } = await runToEnd(t, [
    '--config',
    config,
    '--simulate',
    '--data',
    await temporaryFolder(t),
  ]);
  assert.equal(code, 1);
  assert.match(output, new RegExp(`^address_in_use: MQTT cannot use 127\\.0\\.0\\.1:${String(port)}: `, 'm'));
  // Nothing of a start that can't succeed.
  assert.doesNotMatch(output, /store|outbox|bus/);
});

test('a configuration that is not there', async (t) => {
  const { code, output } = await runToEnd(t, ['start', '--config', '/nowhere/gateway.yaml']);
  assert.equal(code, 1);
  assert.match(output, /^config_unreadable: The configuration \/nowhere\/gateway\.yaml cannot be read/);
});

test('a configuration with mistakes: check and start say the same, all at once', async (t) => {
  const config = await exampleFile(t, (example) => {
    example['colour'] = 'red';
    Object.assign(example.devices['tank-2'] ?? {}, { address: 0x08 });
  });
  const check = await runToEnd(t, ['check', '--config', config]);
  const start = await runToEnd(t, ['start', '--config', config]);
  assert.deepEqual([check.code, start.code], [1, 1]);
  assert.equal(check.output, start.output);
  assert.match(check.output, /has 2 mistakes:/);
  assert.match(check.output, /gateway\.yaml:\d+: colour: is not a known key/);
  assert.match(check.output, /gateway\.yaml:\d+: devices\.tank-2\.address: is taken/);
});

test('a sound configuration', async (t) => {
  const { code, output } = await runToEnd(t, ['check', '--config', await exampleFile(t)]);
  assert.equal(code, 0);
  assert.match(output, /is sound: gateway greenhouse, 4 devices/);
});

test('the schema for editors knows every section and refuses what is unknown', async (t) => {
  const { code, output } = await runToEnd(t, ['schema']);
  assert.equal(code, 0);
  const schema = JSON.parse(output) as { required: string[]; additionalProperties: boolean };
  assert.deepEqual(schema.required, ['gateway', 'buses', 'types', 'devices']);
  assert.equal(schema.additionalProperties, false);
});

test('firmware that is no firmware', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'bad.hex'), ':00000001FE\n');
  const config = await exampleFile(t, ({ types }) => {
    const { simulate } = types['lamp'] ?? {};
    if (simulate) simulate.firmware = join(folder, 'bad.hex');
  });
  const check = await runToEnd(t, ['check', '--config', config]);
  const start = await runToEnd(t, ['start', '--simulate', '--config', config, '--data', folder]);
  assert.deepEqual([check.code, start.code], [1, 1]);
  assert.equal(check.output, start.output);
  assert.match(
    check.output,
    /^config_invalid: .* has 1 mistake:\n.*gateway\.yaml:\d+: types\.lamp\.simulate\.firmware: The firmware .*bad\.hex of the type lamp/,
  );
});

test('a bus that is none of Linux', async (t) => {
  const config = await exampleFile(t, (example) => {
    example['buses'] = { main: { path: '/dev/ttyUSB0' } };
  });
  const check = await runToEnd(t, ['check', '--config', config]);
  const start = await runToEnd(t, ['start', '--config', config, '--data', await temporaryFolder(t)]);
  assert.deepEqual([check.code, start.code], [1, 1]);
  assert.equal(check.output, start.output);
  assert.match(
    check.output,
    /gateway\.yaml:\d+: buses\.main\.path: \/dev\/ttyUSB0 is not the path of a Linux I²C bus/,
  );
});

test('files of users, rights and certificates: check and start say the same, all at once', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'acl'), 'user vera\ntopic reed iot/#\n');
  await writeFile(join(folder, 'server.pem'), 'nonsense');
  await writeFile(join(folder, 'server.key'), 'nonsense');
  const config = await exampleFile(t, (example) => {
    example['users'] = { password_file: join(folder, 'passwords'), acl_file: join(folder, 'acl') };
    example['tls'] = { certificate: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  });
  const data = join(folder, 'data');
  const check = await runToEnd(t, ['check', '--config', config]);
  const start = await runToEnd(t, ['start', '--simulate', '--config', config, '--data', data]);
  assert.deepEqual([check.code, start.code], [1, 1]);
  assert.equal(check.output, start.output);
  assert.match(check.output, /^config_invalid: .* has 3 mistakes:$/m);
  for (const mistake of [
    String.raw`users\.password_file: The password_file ${folder}/passwords cannot be read: it is not there`,
    String.raw`users\.acl_file: ${folder}/acl:2: reed is not one of read, write`,
    String.raw`tls\.certificate: ${folder}/server\.pem is not what it should be: `,
  ])
    assert.match(check.output, new RegExp(String.raw`gateway\.yaml:\d+: ${mistake}`));
  await assert.rejects(stat(data), { code: 'ENOENT' }, 'nothing was begun');
});

test('a data folder that is a file', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  await chmod(file, 0o600);
  const { code, output } = await runToEnd(t, ['start', '--data', file]);
  assert.equal(code, 1);
  assert.match(output, /^data_unwritable: /m);
});

test('words that mean nothing', async (t) => {
  for (const args of [
    ['strat'],
    ['start', '--sim'],
    ['start', '--no-broker'],
    ['start', '--mqtt', 'mqtt://127.0.0.1'],
    ['history'],
    ['history', 'x', '--last', 'soon', '--data', '/nowhere'],
  ]) {
    const { code } = await runToEnd(t, args);
    assert.equal(code, 1, args.join(' '));
  }
});
