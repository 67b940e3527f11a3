// Somebody at a shell, with nothing but Mosquitto's tools.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onBothBrokers } from '../../support/mqtt/both-brokers.js';
import { withoutMosquitto } from '../../support/mqtt/mosquitto.js';

const run = promisify(execFile);
const LAMP = 'iot/greenhouse/device/lamp-1';

onBothBrokers(
  'mosquitto_pub makes the Arduino act, and mosquitto_sub shows it',
  async (_, start) => {
    const { port } = new URL((await start()).mqttUrl);
    const reply = run('mosquitto_sub', ['-p', port, '-t', `${LAMP}/reply/dim`, '-C', '1', '-W', '20']);
    // The subscription must be there before the command: replies are not retained.
    await run('mosquitto_sub', ['-p', port, '-t', `${LAMP}/telemetry`, '-C', '1', '-W', '20']);
    await run('mosquitto_pub', ['-p', port, '-t', `${LAMP}/command/dim`, '-m', '128']);
    assert.equal((JSON.parse((await reply).stdout) as { status: string }).status, 'done');
    // The next sample that comes: retained values of before are left out.
    const next = await run('mosquitto_sub', [
      '-p',
      port,
      '-t',
      `${LAMP}/value/level`,
      '-R',
      '-C',
      '1',
      '-W',
      '20',
    ]);
    assert.equal(next.stdout.trim(), '128');
  },
  withoutMosquitto,
);
