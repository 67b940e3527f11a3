// Clients that are refused for one cause again and again, and two of one id: a line with the cause, then a number.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Takeovers } from '../../../../gateway/broker/doors/takeovers.js';
import { makeHash } from '../../../../gateway/broker/rights/password-hash.js';
import { RepeatedLines } from '../../../../gateway/logging/repeated-lines.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { connectClient } from '../../../support/mqtt/client.js';
import { startBroker } from '../../../support/mqtt/embedded-broker.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { until } from '../../../support/waiting.js';

/** Says it over a connection of its own, which the broker has to end. */
async function say(port: number, bytes: Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
}

/** CONNECT of a version that nobody speaks, no MQTT at all, CONNECT of another protocol. */
const WRONG = [
  Buffer.from('101000044d51545409020000000463363636', 'hex'),
  Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  Buffer.from('100d00044d51545804020000000178', 'hex'),
];

void test('whoever is no client is said once for each cause, and counted', async (t) => {
  const { broker, log, port } = await startBroker(t);
  for (const bytes of WRONG) await say(port, bytes);
  const told = (): string[] =>
    log.lines
      .filter(({ level, message }) => level !== 'debug' && !message.includes('is open'))
      .map(({ fields, message }) => `${String(fields['reason'] ?? fields['breach'])}: ${message}`);
  const first = told();
  assert.ok(first.length >= 2, first.join('\n'));
  for (let round = 0; round < 4; round++) for (const bytes of WRONG) await say(port, bytes);
  assert.deepEqual(told(), first);
  await broker.door.stop();
  await broker.stop();
  const counted = log.lines.reduce((sum, { fields }) => sum + Number(fields['again'] ?? 0), 0);
  assert.equal(counted + first.length, 5 * WRONG.length, told().join('\n'));
});

void test('wrong passwords are said once for each user and address, with the failures, and counted', async (t) => {
  const passwordFile = join(await temporaryFolder(t), 'passwords');
  await writeFile(passwordFile, `vera:${await makeHash(Buffer.from('secret'))}\n`);
  const { doorkeeper, log, url } = await startBroker(t, {}, { passwordFile, anonymous: false });
  for (const username of ['vera', 'vera', 'nobody', 'vera'])
    await assert.rejects(connectClient(t, url, { username, password: 'guess' }), { code: 5 });
  const told = (): unknown[] =>
    log.saying('refused a login').map(({ fields }) => [fields['user'], fields['failures'], fields['again']]);
  assert.deepEqual(told(), [
    ['vera', 1, undefined],
    ['nobody', 3, undefined],
  ]);
  await doorkeeper.stop();
  assert.deepEqual(told().at(-1), ['vera', 4, 2]);
});

void test('two clients of one id are named with their addresses at the third time, then counted', async (t) => {
  const { log, url } = await startBroker(t);
  for (const protocolVersion of [5, 4] as const) {
    const before = log.saying('two clients').length;
    const clientId = `twin-${String(protocolVersion)}`;
    const [first, second, third] = [0, 1, 2].map(
      () => async () => connectClient(t, url, { clientId, protocolVersion, reconnectPeriod: 0 }),
    );
    await first?.();
    await second?.();
    await third?.();
    assert.equal(log.saying('two clients').length, before, 'a client that comes anew');
    for (let round = 0; round < 4; round++) await first?.();
    await until('the line', () => log.saying('two clients').length === before + 1);
    const line = log.saying('two clients').at(-1);
    assert.match(
      line?.message ?? '',
      new RegExp(`at 127.0.0.1 use the id ${clientId}, or one connects anew`),
    );
    assert.equal(line?.level, 'warn');
  }
});

void test('of two machines both are named, once, and who has been calm is forgotten', async () => {
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  const lines = new RepeatedLines(log, clock);
  const takeovers = new Takeovers(clock, lines);
  const note = (client: string, address: string): void => {
    takeovers.note({ client, address, user: undefined });
  };
  for (const address of ['10.0.0.5', '10.0.0.6', '10.0.0.5', '10.0.0.6']) note('x', address);
  assert.deepEqual(log.messages('warn'), [
    'two clients use the id x: at 10.0.0.5 and at 10.0.0.6; each throws the other out: give every client an id of its own',
  ]);
  for (let time = 0; time < 61; time += 1) {
    note('x', '10.0.0.5');
    await clock.advance(500);
  }
  assert.equal(log.lines.length, 1);
  await clock.advance(60_000);
  assert.match(log.lines.at(-1)?.message ?? '', /\(62 more times since\)$/);
  // Once an hour is no quarrel, however often; and a thousand ids leave two hundred behind.
  for (let hour = 0; hour < 9; hour += 1) {
    await clock.advance(3_600_000);
    note('calm', '10.0.0.7');
  }
  for (let id = 0; id < 1000; id += 1) note(String(id), '10.0.0.8');
  note('0', '10.0.0.8');
  note('0', '10.0.0.8');
  assert.equal(log.saying('the id calm').length, 0);
  assert.equal(log.saying('the id 0').length, 0);
  lines.close();
});
