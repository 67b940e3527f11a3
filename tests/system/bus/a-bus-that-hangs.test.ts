// A target holds the bus and never lets go: the real program, with the real i2c-bus on a driver that isn't there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadDriver, REAL_DRIVER } from '../../../gateway/i2c/linux/driver.js';
import type { ReplyMessage } from '../../../shared/messages.js';
import { FakedI2cDev, FAKED_BUS_PATH, NO_FAKED_I2C } from '../../support/faked-i2c-dev.js';
import { runProgram } from '../../support/gateway-process.js';
import { connectClient } from '../../support/mqtt/client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { until } from '../../support/waiting.js';

const HANGING = 0x40;
const ROOT = 'iot/hangs';
const YAML = `gateway: hangs
mqtt: { port: 0 }
http: { port: 0 }
buses: { main: { path: ${FAKED_BUS_PATH} } }
types:
  sensor: { samples: [{ every: 200ms, write: [0x10], read: 2, fields: { level: { type: uint16le } } }] }
  relay: { commands: { on: { write: [0x20, 0x01] } } }
devices:
  sensor-1: { type: sensor, bus: main, address: 0x08 }
  relay-1: { type: relay, bus: main, address: ${String(HANGING)} }
`;

async function faked(folder: string): Promise<FakedI2cDev | undefined> {
  try {
    await loadDriver(REAL_DRIVER);
    return new FakedI2cDev(folder);
  } catch (thrown) {
    console.error(`\n!!! ${NO_FAKED_I2C}: ${String(thrown)}\n`);
    return undefined;
  }
}

/** Programs that this one has started. */
function childrenOf(pid: number): number[] {
  const line = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  return line.split(' ').filter(Boolean).map(Number);
}

test('while a bus hangs the gateway answers, writes its files and ends; only the process of the bus is stuck', async (t) => {
  const folder = await temporaryFolder(t);
  const dev = await faked(folder);
  if (dev === undefined) {
    t.skip(NO_FAKED_I2C);
    return;
  }
  t.after(() => {
    dev.close();
  });
  const file = join(folder, 'hangs.yaml');
  await writeFile(file, YAML);
  const args = ['start', '--config', file, '--data', join(folder, 'data')];
  const { child, output } = runProgram(t, args, dev.env);
  const address = (name: string): Promise<string> =>
    until(
      `${name} in: ${output()}`,
      () => new RegExp(`^ +${name} +(\\S+)$`, 'm').exec(output())?.[1],
      30_000,
    );
  const [mqttUrl, pageUrl] = [await address('MQTT'), await address('page')];
  const client = await connectClient(t, mqttUrl);
  await client.subscribe(`${ROOT}/#`, 1);
  await client.message(`${ROOT}/device/sensor-1/telemetry`);

  // The native driver is in the process of the bus, and nowhere else.
  const pid = child.pid ?? 0;
  const loads = (one: number): boolean =>
    readFileSync(`/proc/${String(one)}/maps`, 'utf8').includes('i2c.node');
  assert.equal(loads(pid), false);
  assert.deepEqual(childrenOf(pid).map(loads), [true]);

  dev.hang(HANGING, true);
  await client.publish(`${ROOT}/device/relay-1/command/on`, '', { qos: 1 });
  await until('the hang', () => dev.calls(HANGING) > 0);
  const taken = dev.transactions;
  assert.equal((await fetch(new URL('healthz', pageUrl))).status, 200);
  await client.publish(`${ROOT}/device/own-1/telemetry`, '{"values":{"a":1}}', { qos: 1 });
  await client.publish(`${ROOT}/request/history`, '{"device":"sensor-1","last":"10m"}', { qos: 1 });
  const { text } = await client.message(`${ROOT}/response/history`);
  assert.equal((JSON.parse(text) as { status: string }).status, 'ok');
  assert.equal(dev.transactions, taken, 'nothing else came to the wire');

  child.kill('SIGTERM');
  await until('the end', () => child.exitCode !== null || child.signalCode !== null, 30_000);
  assert.equal(child.exitCode, 0, output());
  // What ran on the wire when the end came is answered as what it is: nobody knows whether the device acted.
  const { status, error } = JSON.parse(
    (await client.message(`${ROOT}/device/relay-1/reply/on`)).text,
  ) as ReplyMessage;
  assert.deepEqual([status, error?.code], ['failed', 'interrupted']);
});
