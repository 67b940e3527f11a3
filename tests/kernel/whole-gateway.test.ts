// The whole gateway on a bus of the kernel: a command from Mosquitto's client to the firmware, and back.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { packageRoot } from '../../gateway/process/paths.js';
import { until } from '../support/waiting.js';
import { findProgram } from './find-program.js';
import { REAL_BUS, Stage, withoutAdapters } from './stage.js';

const run = promisify(execFile);
const TANK = 'iot/kernel/device/tank-1';
const WITHIN_MS = 120_000;

/** What the example says of a tank, as short as it goes. */
const config = (path: string): string => `
gateway: kernel
mqtt: { port: 0 }
http: { port: 0 }
buses: { main: { path: ${path} } }
types:
  tank:
    identify: { write: [0x01], read: 2, expect: [0x54, 0x02] }
    samples:
      - every: 1s
        write: [0x10]
        read: 6
        check: { kind: crc8, poly: 0x07 }
        fields: { temperature: { type: int16le }, level: { type: uint16le }, pump: { type: uint8 } }
    commands:
      pump:
        args: { speed: { type: uint8, max: 100 } }
        write: [0x20, $speed]
        verify: { write: [0x20], read: 1, equals: $speed }
devices: { tank-1: { type: tank, bus: main, address: 0x08 } }
`;

const skip =
  (REAL_BUS === undefined && withoutAdapters) ||
  (findProgram('mosquitto_pub') === undefined &&
    'MOSQUITTO IS NOT INSTALLED: apt-get install mosquitto-clients.');

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** On the wire of `stage`, or on the real bus. */
async function startGateway(stage: Stage, folder: string): Promise<Started> {
  const file = join(folder, 'kernel.yaml');
  await writeFile(file, config(REAL_BUS ?? (await stage.plug())));
  const program = join(packageRoot, 'dist', 'gateway', 'main.js');
  const child = spawn(execPath, [program, 'start', '--config', file, '--data', join(folder, 'data')], {
    env: { PATH: env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return { child, output: () => output };
}

// Started before the other files' tests and not when its turn comes: for an emulated processor it is half a minute's work.
const stage = new Stage('i2c-tiny-usb');
const folder = await mkdtemp(join(tmpdir(), 'i2c-mqtt-gateway-kernel-'));
const starting = skip === false ? startGateway(stage, folder) : undefined;
// The test that awaits it tells.
starting?.catch(() => undefined);

test('a command goes from a client to the firmware, and readings come back', { skip }, async (t) => {
  const gateway = await starting;
  assert.ok(gateway);
  const { child, output } = gateway;
  t.after(async () => {
    child.kill('SIGKILL');
    stage.unplug();
    await rm(folder, { recursive: true });
  });
  const port = await until(
    'the address of the broker',
    () => {
      if (child.exitCode !== null) throw new Error(`the gateway ended: ${output()}`);
      return /^ +MQTT +mqtt:\S+:(\d+)$/m.exec(output())?.[1];
    },
    WITHIN_MS,
  );
  const next = (topic: string, count: number): Promise<{ stdout: string }> =>
    run('mosquitto_sub', ['-p', port, '-t', `${TANK}/${topic}`, '-C', String(count), '-W', '60']);
  // Replies are not retained: the first sample says that the subscription before it is there.
  const reply = next('reply/pump', 1);
  await next('telemetry', 1);
  await run('mosquitto_pub', ['-p', port, '-t', `${TANK}/command/pump`, '-m', '60']);
  assert.deepEqual(pick(JSON.parse((await reply).stdout)), { status: 'done', data: { speed: 60 } });
  const samples = (await next('telemetry', 2)).stdout.trim().split('\n');
  const last = JSON.parse(samples.at(-1) ?? '') as { values: Record<string, unknown> };
  assert.equal(last.values['pump'], 60);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

function pick(reply: unknown): unknown {
  const { status, data } = reply as { status: unknown; data: unknown };
  return { status, data };
}
