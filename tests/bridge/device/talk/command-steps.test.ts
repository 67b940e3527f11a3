// Commands of several steps: each ends, nothing of them is done twice that must not be, and a safe write goes past them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../../bridge/bus/queue.js';
import { RecoveringBus } from '../../../../bridge/bus/recovering.js';
import { DeviceClient, type CommandTurn } from '../../../../bridge/device/client.js';
import type { Reading } from '../../../../bridge/device/reader.js';
import { parseConfig } from '../../../../gateway/config/load.js';
import { checkArguments } from '../../../../shared/check-arguments.js';
import { asGatewayError, GatewayError } from '../../../../shared/errors.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { ScriptedBus, type Behaviour } from '../../../support/bus/scripted-bus.js';

const YAML = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types:
  chip:
    samples:
      - every: 1h
        steps:
          - { write: [5], read: 1, repeatable: false, fields: { pulses: { type: uint8 } } }
          - { write: [6], read: 1, delay: 400ms, fields: { more: { type: uint8 } } }
    commands:
      wake: { steps: [ { write: [0x00], nack: true, delay: 1ms }, { write: [0x10] } ] }
      busy: { steps: [ { read: 1, until_ready: { again: 10ms, within: 500ms, no_ack: true }, fields: { n: { type: uint8 } } } ] }
      dispense: { steps: [ { write: [0x60], read: 1, delay: 5ms, fields: { n: { type: uint8 } } } ] }
      bytes: { steps: [ { write: [0x61], read: 2, bytewise: true, fields: { n: { type: uint16be } } } ] }
      ask: { idempotent: true, steps: [ { write: [0x62], read: 1, fields: { n: { type: uint8 } } } ] }
      calibrate: { steps: [ { write: [0x70], delay: 7s }, { write: [0x71] } ] }
      off: { write: [0x11] }
      bit_2: { steps: [ { write: [0x30], read: 1, modify: { mask: 0x04, value: 0 }, write_check: { kind: crc8, over: pec } } ] }
      tune: { steps: [ { write: [0x40] }, { write: [0x41], read: 1, valid: { is: 9 } }, { write: [0x42] }, { write: [0x43], always: true } ] }
      down: { steps: [ { write: [0x20], delay: 20ms }, { write: [0x21], delay: 20ms }, { write: [0x22] } ] }
devices:
  it: { type: chip, bus: main, address: 0x20 }
`;
const OTHER = 0x21;

interface World {
  readonly clock: FakeClock;
  readonly queue: BusQueue;
  readonly client: DeviceClient;
  /** Runs it; what it ended with is in the answer when it has. */
  readonly run: (name: string, turn?: Partial<CommandTurn>) => { ended?: string };
  /** What the device was written, as hex. */
  readonly written: () => string[];
}

async function world(behaviour: Behaviour): Promise<World> {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock, behaviour);
  const options = { onStep: () => undefined, onDown: () => undefined, afterDown: false };
  const recovering = new RecoveringBus({
    name: 'bus main',
    clock,
    open: () => Promise.resolve(bus),
    ...options,
  });
  await recovering.open();
  const queue = new BusQueue({ bus: recovering, clock, limit: 64 });
  const device = parseConfig(YAML, 'test.yaml').devices.get('it');
  assert.ok(device);
  const client = new DeviceClient(device, queue, clock);
  const run: World['run'] = (name, turn) => {
    const spec = client.device.type.commands.get(name);
    assert.ok(spec);
    const answer: { ended?: string } = {};
    client
      .command(spec, checkArguments(spec, new Map()), {
        deadlineMs: 10_000,
        refuse: () => undefined,
        ...turn,
      })
      .then(
        () => (answer.ended = 'done'),
        (thrown: unknown) => (answer.ended = asGatewayError(thrown).code),
      );
    return answer;
  };
  const written = (): string[] =>
    bus.seen
      .filter(({ address, write }) => address === device.address && write !== undefined)
      .map(({ write }) => Buffer.from(write ?? []).toString('hex'));
  return { clock, queue, client, run, written };
}

/** Each transaction fails so, as often as that; then it is answered. */
function failing(times: number, code: 'no_ack' | 'bus_fault'): Behaviour {
  let failed = 0;
  return ({ readLength = 0 }) => {
    failed += 1;
    if (failed <= times) return { takesMs: 1, error: new GatewayError(code, 'so it is') };
    return { takesMs: 1, bytes: Array.from({ length: readLength }, () => 5) };
  };
}

for (const name of ['wake', 'busy'])
  test(`a first transaction that is not acknowledged, and need not be, ends nothing for good: ${name}`, async () => {
    const { clock, run, queue } = await world(failing(1, 'no_ack'));
    const command = run(name);
    await clock.advance(1000);
    assert.equal(command.ended, 'done');
    const off = run('off', { urgent: true });
    await clock.advance(1000);
    assert.equal(off.ended, 'done');
    assert.deepEqual(queue.stats().waiting, { command: 0, poll: 0 });
  });

for (const [name, once] of [
  ['dispense', ['60']],
  ['bytes', ['61']],
] as const)
  test(`what may not be repeated is not, also where the bus fails: ${name}`, async () => {
    const { clock, run, written } = await world(failing(1, 'bus_fault'));
    const command = run(name);
    await clock.advance(1000);
    assert.deepEqual([command.ended, written()], ['bus_fault', once]);
  });

test('what may be repeated is', async () => {
  const { clock, run, written } = await world(failing(1, 'bus_fault'));
  const command = run('ask');
  await clock.advance(1000);
  assert.deepEqual([command.ended, written()], ['done', ['62', '62']]);
});

test('a safe write goes past the pauses of a command, whose rest is not made', async () => {
  const { clock, run, written } = await world(failing(0, 'no_ack'));
  const calibrate = run('calibrate');
  await clock.advance(10);
  const off = run('off', { urgent: true, deadlineMs: 1500 });
  await clock.advance(500);
  assert.deepEqual([calibrate.ended, off.ended], ['overdue', 'done']);
  await clock.advance(20_000);
  assert.deepEqual(written(), ['70', '11']);
});

test('the steps of a command end with its time', async () => {
  const { clock, run, written } = await world(failing(0, 'no_ack'));
  const calibrate = run('calibrate', { deadlineMs: 300 });
  await clock.advance(400);
  assert.equal(calibrate.ended, 'overdue');
  await clock.advance(20_000);
  assert.deepEqual(written(), ['70']);
  assert.equal(clock.waiting, 0);
});

test('a safe write of several steps is made whole, however slow the bus is', async () => {
  const { clock, queue, run, written } = await world(({ address }) => ({
    takesMs: address === OTHER ? 400 : 1,
  }));
  let isOver = false;
  const hog = async (): Promise<void> => {
    while (!isOver)
      await queue.transfer({ address: OTHER, write: Uint8Array.of(9) }, { priority: 'command' });
  };
  const hogs = [hog(), hog()];
  const down = run('down', { urgent: true });
  await clock.advance(5000);
  isOver = true;
  await clock.advance(2000);
  await Promise.all(hogs);
  assert.deepEqual([down.ended, written()], ['done', ['20', '21', '22']]);
});

test('what is to be done in any case is, behind what failed; and not where nothing was begun', async () => {
  const { clock, run, written } = await world(failing(0, 'no_ack'));
  const tune = run('tune');
  await clock.advance(100);
  assert.deepEqual([tune.ended, written()], ['device_error', ['40', '41', '43']]);
  const refused = run('tune', { refuse: () => new GatewayError('overdue', 'too late') });
  await clock.advance(100);
  assert.deepEqual([refused.ended, written().length], ['overdue', 3]);
});

test('where that fails too, the first error is the one that is told', async () => {
  const { clock, run, written } = await world(({ write, readLength = 0 }) =>
    write?.[0] === 0x43
      ? { error: new GatewayError('no_ack', 'nobody') }
      : { bytes: Array.from({ length: readLength }, () => 5) },
  );
  const tune = run('tune');
  await clock.advance(100);
  assert.deepEqual([tune.ended, written().at(-1)], ['device_error', '43']);
});

test('what reading clears, and a safe write keeps from its end, is a reading that was lost', async () => {
  const { clock, client, run } = await world(failing(0, 'no_ack'));
  const [sample] = client.device.type.samples;
  assert.ok(sample);
  let reading: Reading | undefined;
  void client.read(sample).then((read) => (reading = read));
  await clock.advance(100);
  run('off', { urgent: true });
  await clock.advance(1000);
  assert.deepEqual(reading?.errors, { pulses: 'bus_fault', more: 'bus_fault' });
});

test('what is changed of a register is written back with its check, which the question for it has not', async () => {
  const { clock, run, written } = await world(failing(0, 'no_ack'));
  const command = run('bit_2');
  await clock.advance(100);
  assert.equal(command.ended, 'done');
  // The CRC of 40 30 01.
  assert.deepEqual(written(), ['30', '300178']);
});
