// Asks a device once that is not configured yet, as it would be asked: is it that, and what does it say?
import { DeviceClient } from '../../bridge/device/client.js';
import type { Device } from '../../shared/device-type.js';
import { asGatewayError, type ErrorBody } from '../../shared/errors.js';
import type { Clock, QueuedI2cBus } from '../../shared/ports.js';
import type { Value } from '../../shared/sample.js';

export interface Tried {
  /** Whether its identity was asked for, and is right. */
  readonly identified: boolean;
  readonly values: Readonly<Record<string, Value>>;
  readonly units: Readonly<Record<string, string>>;
  /** By field, why there is no value. */
  readonly errors: Readonly<Record<string, string>>;
  /** Why it could not be asked to the end. */
  readonly error?: ErrorBody;
}

const DEADLINE_MS = 10_000;

/** Identifies it, sets it up and reads each sample once. Never rejects: what went wrong is the answer. */
export async function tryDevice(device: Device, bus: QueuedI2cBus, clock: Clock): Promise<Tried> {
  const client = new DeviceClient(device, bus, clock);
  const { identify, onConnect, samples } = device.type;
  const said: Record<string, Value> = {};
  const errors: Record<string, string> = {};
  const units = unitsOf(device);
  let identified = false;
  try {
    await client.identify();
    identified = identify !== undefined;
    await client.learn();
    for (const { spec, args } of onConnect)
      await client.command(spec, args, { deadlineMs: DEADLINE_MS, refuse: () => undefined });
    for (const sample of samples) {
      const reading = await client.read(sample);
      Object.assign(said, reading.values);
      Object.assign(errors, reading.errors);
    }
    return { identified, values: said, units, errors };
  } catch (thrown) {
    return { identified, values: said, units, errors, error: asGatewayError(thrown).toBody() };
  }
}

function unitsOf({ type }: Device): Readonly<Record<string, string>> {
  const fields = type.samples.flatMap((sample) => sample.conversation?.fields ?? sample.fields);
  return Object.fromEntries(fields.flatMap(({ id, unit }) => (unit === undefined ? [] : [[id, unit]])));
}
