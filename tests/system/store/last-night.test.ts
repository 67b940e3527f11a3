// "Who switched the pump on last night?": one question, by MQTT, HTTP and at a shell, also after a kill -9.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogbookAnswer } from '../../../bridge/logbook/request.js';
import type { CommandEntry } from '../../../shared/logbook.js';
import type { RecordedSample } from '../../../shared/sample.js';
import { runToEnd, startGateway } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';

const ROOT = 'iot/greenhouse';
const PUMP = `${ROOT}/device/tank-1/command/pump`;

test('the logbook tells who switched the pump on, by every way of asking, through a kill -9', async (t) => {
  const first = await startGateway(t);
  const anna = await connectClient(t, first.mqttUrl, { clientId: 'node-red-anna' });
  await anna.subscribe(`${ROOT}/device/+/reply/+`, 1);
  await anna.publish(PUMP, '{"id":"night","args":{"speed":80}}', { qos: 1 });
  await anna.texts(1);
  await anna.publish(PUMP, '{"id":"wrong","args":{"speed":101}}', { qos: 1 });
  await anna.texts(2);
  // Answered is kept.
  await first.end('SIGKILL');

  const { mqttUrl, pageUrl, dataDir } = await startGateway(t, { dataDir: first.dataDir });
  const query = { kind: 'command', device: 'tank-1', name: 'pump', last: '1h' };
  const logbookUrl = new URL(`/api/logbook?${new URLSearchParams(query).toString()}`, pageUrl);
  const asked = async (): Promise<LogbookAnswer> => (await (await fetch(logbookUrl)).json()) as LogbookAnswer;
  // What the crash left on is switched off when the device is found again.
  while ((await asked()).entries.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  const body = '{"id":"morning","args":{"speed":0}}';
  await fetch(new URL('/api/device/tank-1/command/pump', pageUrl), { method: 'POST', body });
  const client = await connectClient(t, mqttUrl);
  await client.subscribe(`${ROOT}/response/logbook`, 1);
  await client.publish(`${ROOT}/request/logbook`, JSON.stringify({ id: 'q', ...query }), { qos: 1 });
  const [response] = await client.texts(1);
  const { data } = JSON.parse(response ?? '') as { data: LogbookAnswer };
  const told = data.entries.map((entry) =>
    entry.kind === 'command'
      ? [entry.by?.client === 'gateway' || entry.id, entry.status, entry.args, entry.by, entry.error?.code]
      : entry,
  );
  assert.deepEqual(told, [
    ['night', 'done', { speed: 80 }, { client: 'node-red-anna' }, undefined],
    ['wrong', 'rejected', undefined, { client: 'node-red-anna' }, 'bad_argument'],
    [true, 'done', { speed: 0 }, { client: 'gateway' }, undefined],
    ['morning', 'done', { speed: 0 }, { client: 'http' }, undefined],
  ]);

  assert.deepEqual((await asked()).entries, data.entries);
  const shell = await runToEnd(t, ['logbook', 'tank-1', '--commands', '--data', dataDir]);
  assert.equal(shell.code, 0, shell.output);
  assert.match(shell.output, /^\S+Z {2}tank-1 {2}pump {"speed":80} {2,}done, by client node-red-anna$/m);
  const commands = ['logbook', 'tank-1', '--commands', '--json', '--data', dataDir];
  const [, wrong] = data.entries;
  const only = ['--from', String(wrong?.ts), '--to', String((wrong?.ts ?? 0) + 1)];
  const range = (await runToEnd(t, [...commands, ...only])).output.trim().split('\n');
  assert.deepEqual(
    range.map((line) => (JSON.parse(line) as CommandEntry).id),
    ['wrong'],
  );
  const before = await runToEnd(t, [...commands, '--from', '2020-01-01', '--to', '2020-01-02']);
  assert.equal(before.output, 'Nothing of the kind happened in this range.\n');
  const history = await runToEnd(t, ['history', 'tank-1', '--json', '--limit', '1', '--data', dataDir]);
  const [newest = ''] = history.output.split('\n');
  assert.equal((JSON.parse(newest) as RecordedSample).device, 'tank-1');
  const events = await runToEnd(t, ['logbook', 'tank-1', '--events', '--json', '--data', dataDir]);
  assert.match(events.output, /"name":"device.online"/);
});
