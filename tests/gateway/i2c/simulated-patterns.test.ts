// gateway/example/patterns.yaml as somebody without those devices tries it: each of them is simulated from its description.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DeviceClient } from '../../../bridge/device/client.js';
import { parseConfig } from '../../../gateway/config/load.js';
import { DescribedTarget } from '../../../gateway/i2c/simulated/described-target.js';
import { SimulatedBus } from '../../../gateway/i2c/simulated/bus.js';
import type { I2cTransaction } from '../../../shared/ports.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLog } from '../../support/recording-log.js';

const FILE = fileURLToPath(new URL('../../../../gateway/example/patterns.yaml', import.meta.url));
const { devices } = parseConfig(readFileSync(FILE, 'utf8'), FILE);

for (const device of devices.values()) {
  test(`a simulated ${device.type.id} is read as it is described`, async () => {
    const clock = new FakeClock();
    const bus = new SimulatedBus({ clock, log: new RecordingLog() });
    bus.attach(device.address, new DescribedTarget({ type: device.type, phase: 0.1, clock }));
    const transfer = (transaction: I2cTransaction) => bus.transfer(transaction);
    const client = new DeviceClient(
      device,
      { transfer, converse: (talk) => talk(transfer, new AbortController().signal) },
      clock,
    );
    for (let round = 0; round < 10; round += 1)
      for (const sample of device.type.samples) {
        const [reading] = await Promise.all([client.read(sample), clock.advance(2000)]);
        assert.deepEqual(reading.errors, {});
      }
  });
}

test('a simulated device that is read byte by byte goes on from byte to byte, and begins again behind a write', async () => {
  const device = devices.get('pololu-1');
  assert.ok(device);
  const { address } = device;
  const clock = new FakeClock();
  const bus = new SimulatedBus({ clock, log: new RecordingLog() });
  bus.attach(address, new DescribedTarget({ type: device.type, phase: 0.1, clock }));
  const pointer = { address, write: Uint8Array.of(0) };
  const whole = [...(await bus.transfer({ ...pointer, readLength: 7 }))];
  assert.ok(new Set(whole).size > 2, whole.join());
  await bus.transfer(pointer);
  const single: number[] = [];
  for (let at = 0; at < 7; at += 1) single.push(...(await bus.transfer({ address, readLength: 1 })));
  assert.deepEqual(single, whole);
  await bus.transfer(pointer);
  assert.deepEqual([...(await bus.transfer({ address, readLength: 1 }))], whole.slice(0, 1));
});
