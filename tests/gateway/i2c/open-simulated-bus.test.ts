import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parseConfig } from '../../../gateway/config/load.js';
import { openSimulatedBus } from '../../../gateway/i2c/simulated/open.js';
import { PlugBoard } from '../../../gateway/i2c/simulated/plug-board.js';
import type { SimulatedBus } from '../../../gateway/i2c/simulated/bus.js';
import { EXAMPLE_SKETCHES } from '../../firmware/arduino.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const TANK = join(EXAMPLE_SKETCHES, 'tank', 'tank.hex');

function yaml(firmware: string): string {
  return `gateway: test
buses: { main: { path: /dev/null, speed: 400000 }, other: { path: /dev/zero } }
types:
  tank: { identify: { write: [1], read: 2, expect: [0x54, 2] }, simulate: { firmware: '${firmware}' } }
  plain: { identify: { write: [1], read: 2, expect: [7, 8] } }
devices:
  tank-1: { type: tank, bus: main, address: 0x08 }
  tank-2: { type: tank, bus: main, address: 0x09 }
  plain-1: { type: plain, bus: main, address: 0x0a }
  elsewhere: { type: tank, bus: other, address: 0x0b }
`;
}

async function open(configFolder: string, firmware: string) {
  const { buses, devices } = parseConfig(yaml(firmware), 'f.yaml');
  const bus = buses.get('main');
  assert.ok(bus);
  const clock = new FakeClock();
  const log = new RecordingLog();
  const opened = await openSimulatedBus(bus, { devices, configFolder, clock, log, plugs: new PlugBoard() });
  return { bus: opened, clock, log };
}

async function identify({ bus, clock }: { bus: SimulatedBus; clock: FakeClock }, address: number) {
  const reply = bus.transfer({ address, write: Uint8Array.of(1), readLength: 2 });
  // The clock must not stand still while the transaction takes its time on the wire.
  const [bytes] = await Promise.all([reply, clock.advance(1)]);
  return [...bytes];
}

test('the devices of one bus are there, each at its address, with firmware or without', async () => {
  const opened = await open('/', TANK);
  assert.deepEqual(await identify(opened, 0x08), [0x54, 2]);
  assert.deepEqual(await identify(opened, 0x09), [0x54, 2]);
  assert.deepEqual(await identify(opened, 0x0a), [7, 8]);
  await assert.rejects(identify(opened, 0x0b), { code: 'no_ack' });
  assert.deepEqual(opened.log.messages('warn'), []);
});

test('firmware is looked for beside the configuration', async () => {
  const opened = await open(join(EXAMPLE_SKETCHES, '..'), 'firmware/tank/tank.hex');
  assert.deepEqual(await identify(opened, 0x08), [0x54, 2]);
});

test('firmware that cannot be read is config_unreadable and names type and file', async (t) => {
  const folder = await temporaryFolder(t);
  const missing = new RegExp(
    `^The firmware ${folder}/none.hex of the type tank cannot be read: it is not there`,
  );
  await assert.rejects(open(folder, 'none.hex'), { code: 'config_unreadable', message: missing });
  await assert.rejects(open(folder, '.'), { code: 'config_unreadable', message: /it is no file/ });
  await assert.rejects(open('/', 'dev/zero'), { code: 'config_unreadable', message: /it is no file/ });
});

test('firmware that is no Intel-hex is config_invalid and names type, file and line', async (t) => {
  const folder = await hexFolder(t, ':00000001FE\n');
  await assert.rejects(open(folder, 'some.hex'), {
    code: 'config_invalid',
    message: `The firmware ${folder}/some.hex of the type tank is no Intel-hex file for an ATmega328P: line 1 has a wrong checksum.`,
  });
});

test('firmware that never listens is a warning at start, and no_ack later', async (t) => {
  // One instruction: jump to itself.
  const opened = await open(await hexFolder(t, ':02000000FFCF30\n:00000001FF\n'), 'some.hex');
  assert.equal(opened.log.messages('warn').length, 2);
  assert.match(opened.log.messages('warn')[0] ?? '', /does not listen on the bus/);
  await assert.rejects(identify(opened, 0x08), { code: 'no_ack' });
  assert.deepEqual(await identify(opened, 0x0a), [7, 8]);
});

async function hexFolder(t: TestContext, text: string): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'some.hex'), text);
  return folder;
}
