// Every chip of the library without the chip: what --simulate makes of its description is found, set up and read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceClient } from '../../../bridge/device/client.js';
import type { Reading } from '../../../bridge/device/reader.js';
import { chipLibrary } from '../../../gateway/config/library.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { DescribedTarget } from '../../../gateway/i2c/simulated/described-target.js';
import { SimulatedBus } from '../../../gateway/i2c/simulated/bus.js';
import type { I2cTransaction } from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

/** What of a chip has no value ever. */
const NEVER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'scd41-climate': { co2: 'no_value' },
};

/** Of a type as YAML, and what of it has no value. */
async function isRead(type: string, errors: Readonly<Record<string, string>>): Promise<void> {
  const clock = new FakeClock();
  const bus = new SimulatedBus({ clock, log: new RecordingLog() });
  const yaml = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types: { chip: ${type} }
devices: { it: { type: chip, bus: main, address: 0x40 } }
`;
  const device = parseConfig(yaml, 'test.yaml').devices.get('it');
  assert.ok(device);
  bus.attach(0x40, new DescribedTarget({ type: device.type, phase: 0.3, clock }));
  const transfer = (transaction: I2cTransaction): Promise<Uint8Array> => bus.transfer(transaction);
  const never = new AbortController().signal;
  const client = new DeviceClient(device, { transfer, converse: (talk) => talk(transfer, never) }, clock);
  const passing = async <T>(work: Promise<T>): Promise<T> => {
    const state = { isOver: false };
    const over = (): void => void (state.isOver = true);
    work.then(over, over);
    while (!state.isOver) await clock.advance(50);
    return work;
  };
  await passing(client.identify());
  await passing(client.learn());
  for (const { spec, args } of device.type.onConnect)
    await passing(client.command(spec, args, { deadlineMs: 60_000, refuse: () => undefined }));
  for (let round = 0; round < 3; round += 1)
    for (const sample of device.type.samples) {
      const reading: Reading = await passing(client.read(sample));
      assert.deepEqual(reading.errors, errors, JSON.stringify(reading.values));
    }
}

for (const name of chipLibrary.names) {
  test(`a simulated ${name} is found, set up and read, again and again, with a value in each field`, () =>
    isRead(`{ use: ${name} }`, NEVER[name] ?? {}));
}

test('what other fields need of a field is so, without a word of it', () =>
  isRead(
    '{ samples: [ { every: 1s, read: 2, fields: { flags: { type: uint8, hidden: true }, x: { type: uint8, valid: { field: flags, mask: 0x30, is: 0x20 } } } } ] }',
    {},
  ));

test('so is a bit beside others of its byte', () =>
  isRead(
    '{ samples: [ { every: 1s, read: 2, fields: { low: { type: bit, bit: 0, hidden: true }, high: { type: bit, bit: 6, hidden: true }, x: { type: uint8, at: 1, valid: [{ field: low, is: 1 }, { field: high, is: 1 }] } } } ] }',
    {},
  ));
