// What our own description of a chip reads from a target.
import { DeviceClient } from '../../bridge/device/client.js';
import { SimulatedBus } from '../../gateway/i2c/simulated/bus.js';
import type { SimulatedTarget } from '../../gateway/i2c/simulated/target.js';
import { parseConfig } from '../../gateway/config/load.js';
import type { Device } from '../../shared/device-type.js';
import type { ErrorCode } from '../../shared/errors.js';
import type { I2cTransaction } from '../../shared/ports.js';
import type { Value } from '../../shared/sample.js';
import type { FakeClock } from '../support/fake-clock.js';
import { RecordingLog } from '../support/recording-log.js';

export interface OurReading {
  readonly values: Readonly<Record<string, Value>>;
  readonly errors: Readonly<Record<string, ErrorCode>>;
}

/** A device of a chip of the library. */
export function libraryDevice(chip: string, address: number): Device {
  const yaml = `gateway: test
buses: { main: { path: /dev/i2c-none } }
types: { chip: { use: ${chip} } }
devices: { it: { type: chip, bus: main, address: ${String(address)} } }
`;
  const device = parseConfig(yaml, 'test.yaml').devices.get('it');
  if (device === undefined) throw new Error(`no device of ${chip}`);
  return device;
}

export function busWith(clock: FakeClock, address: number, target: SimulatedTarget): SimulatedBus {
  const bus = new SimulatedBus({ clock, log: new RecordingLog() });
  bus.attach(address, target);
  return bus;
}

/** Found, set up and read once, as the gateway does it. */
export async function readByUs(
  device: Device,
  target: SimulatedTarget,
  clock: FakeClock,
): Promise<OurReading> {
  const bus = busWith(clock, device.address, target);
  const transfer = (transaction: I2cTransaction): Promise<Uint8Array> => bus.transfer(transaction);
  const never = new AbortController().signal;
  const client = new DeviceClient(device, { transfer, converse: (talk) => talk(transfer, never) }, clock);
  await passing(clock, client.identify());
  await passing(clock, client.learn());
  for (const { spec, args } of device.type.onConnect)
    await passing(clock, client.command(spec, args, { deadlineMs: 60_000, refuse: () => undefined }));
  const [values, errors]: [Record<string, Value>, Record<string, ErrorCode>] = [{}, {}];
  for (const sample of device.type.samples) {
    const reading = await passing(clock, client.read(sample));
    Object.assign(values, reading.values);
    Object.assign(errors, reading.errors);
  }
  return { values, errors };
}

async function passing<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const over = (): void => void (state.isOver = true);
  work.then(over, over);
  while (!state.isOver) await clock.advance(50);
  return work;
}
