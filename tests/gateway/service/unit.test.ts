// What systemd itself says of our unit, and how lines for its journal look.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { test } from 'node:test';
import { journalLine, isJournal } from '../../../gateway/service/journal.js';
import { unitOf, type UnitOptions } from '../../../gateway/service/unit.js';
import { withoutSystemd } from '../../support/notify-socket.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const OPTIONS: UnitOptions = {
  node: execPath,
  program: '/opt/i2c-mqtt-gateway/dist/gateway/main.js',
  config: '/etc/i2c-mqtt-gateway.yaml',
  user: 'root',
  groups: ['root'],
  stateDirectory: 'i2c-mqtt-gateway',
};

test('systemd takes the unit, and finds it exposed no more than 2.5', { skip: withoutSystemd }, async (t) => {
  const file = join(await temporaryFolder(t), 'i2c-mqtt-gateway.service');
  await writeFile(file, unitOf(OPTIONS));
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
  assert.deepEqual([verified.status, verified.stderr], [0, '']);
  const threshold = ['security', '--offline=true', '--threshold=25', '--no-pager', file];
  const secured = spawnSync('systemd-analyze', threshold, { encoding: 'utf8' });
  assert.equal(secured.status, 0, secured.stdout);
});

test('paths with blanks, percents and dollars stay what they are', { skip: withoutSystemd }, async (t) => {
  const folder = join(await temporaryFolder(t), 'a b%h');
  await mkdir(folder);
  const program = join(folder, 'main');
  await writeFile(program, '#!/bin/sh\n', { mode: 0o755 });
  const file = join(folder, '..', 'i2c-mqtt-gateway.service');
  // systemd looks whether what it shall run is there.
  await writeFile(file, unitOf({ ...OPTIONS, node: program, config: '/etc/$HOME "x\\y"%i.yaml' }));
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
  assert.deepEqual([verified.status, verified.stderr], [0, '']);
  const text = await readFile(file, 'utf8');
  assert.ok(
    text.includes(`a b%%h/main" `) && text.includes(`--config "/etc/$$HOME \\"x\\\\y\\"%%i.yaml" `),
    text,
  );
});

test('homes are hidden where nothing of it lies in one', () => {
  // Where npm keeps a Node of its own that is a home.
  const options = { ...OPTIONS, node: '/usr/bin/node' };
  assert.match(unitOf(options), /^ProtectHome=yes$/m);
  assert.match(unitOf({ ...options, config: '/home/pi/gateway.yaml' }), /^ProtectHome=read-only$/m);
  assert.match(unitOf(options), /^SupplementaryGroups=root$/m);
  assert.doesNotMatch(unitOf({ ...options, groups: [] }), /SupplementaryGroups/);
});

test('a line for the journal has its priority, the sentence and the facts', () => {
  const line = '{"level":"warn","time":"2026-01-01T00:00:00.000Z","device":"tank-1","msg":"it is gone"}\n';
  assert.equal(journalLine('warn', line), '<4>it is gone {"device":"tank-1"}\n');
  const bare = '{"level":"info","time":"2026-01-01T00:00:00.000Z","msg":"stopped"}\n';
  const priorities = (['error', 'warn', 'info', 'debug'] as const).map((level) => journalLine(level, bare));
  assert.deepEqual(priorities, ['<3>stopped\n', '<4>stopped\n', '<6>stopped\n', '<7>stopped\n']);
});

test('what is printed elsewhere is not for the journal', () => {
  assert.equal(isJournal(undefined, 1), false);
  assert.equal(isJournal('1:2', 1), false);
});
