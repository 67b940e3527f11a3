// What is written to all devices of a bus at once: by a step of a command in the file, and by nobody over the network.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusQueue } from '../../../../bridge/bus/queue.js';
import { DeviceClient } from '../../../../bridge/device/client.js';
import { parseWrite } from '../../../../bridge/requests/raw-payload.js';
import { DescribedTarget } from '../../../../gateway/i2c/simulated/described-target.js';
import { SimulatedBus } from '../../../../gateway/i2c/simulated/bus.js';
import type { OwnedI2cBus } from '../../../../shared/ports.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { deviceOfType, mistakesInType } from '../../../support/bus/sample-yaml.js';
import { RecordingLog } from '../../../support/recording-log.js';
import { ScriptedBus } from '../../../support/bus/scripted-bus.js';

const TYPE = `commands: { reset_all: { steps: [ { write: [0x06], general_call: true, delay: 10ms }, { write: [0x00, 0x20] } ] } }`;

async function resetBy(bus: OwnedI2cBus, clock: FakeClock, type = TYPE): Promise<void> {
  const client = new DeviceClient(deviceOfType(type), new BusQueue({ bus, clock, limit: 8 }), clock);
  const spec = client.device.type.commands.get('reset_all');
  assert.ok(spec);
  const running = client.command(spec, new Map(), { deadlineMs: 1000, refuse: () => undefined });
  const state = { isOver: false };
  const over = (): void => void (state.isOver = true);
  running.then(over, over);
  while (!state.isOver) await clock.advance(5);
  await running;
}

test('its step is written to address 0, the others to the device', async () => {
  const clock = new FakeClock();
  const bus = new ScriptedBus(clock);
  await resetBy(bus, clock);
  assert.deepEqual(
    bus.seen.map(({ address, write }) => `${String(address)}:${Buffer.from(write ?? []).toString('hex')}`),
    ['0:06', '32:0020'],
  );
});

test('a simulated device obeys where its type has such a command, and only then', async () => {
  const clock = new FakeClock();
  const simulated = new SimulatedBus({ clock, log: new RecordingLog() });
  const deaf = deviceOfType('commands: { off: { write: [1] } }').type;
  simulated.attach(0x20, new DescribedTarget({ type: deaf, phase: 0, clock }));
  await assert.rejects(resetBy(simulated, clock), {
    code: 'no_ack',
    message: /nobody obeys the general call/,
  });
  simulated.attach(0x20, new DescribedTarget({ type: deviceOfType(TYPE).type, phase: 0, clock }));
  await resetBy(simulated, clock);
});

test('over the network nobody writes there, and is told who may', () => {
  assert.throws(() => parseWrite({ bus: 'main', address: 0, write: '06' }), {
    code: 'bad_payload',
    message: /To 0x00, the general call, only a command of the file writes \(general_call\)/,
  });
});

for (const [type, expected] of [
  [
    'samples: [ { every: 1s, steps: [ { write: [6], general_call: true }, { read: 1, fields: { a: { type: uint8 } } } ] } ]',
    /samples\[0\]\.steps\[0\]\.general_call: is for commands/,
  ],
  [
    'identify: { steps: [ { write: [6], general_call: true }, { read: 1 } ], expect: [1] }',
    /identify\.steps\[0\]\.general_call: is for commands/,
  ],
  [
    'commands: { x: { steps: [ { write: [6], general_call: true, read: 1 } ] } }',
    /x\.steps\[0\]\.general_call: is of a write alone/,
  ],
] as const)
  test(`{ ${type} } is refused with its path`, () => {
    assert.match(mistakesInType(type), expected);
  });
