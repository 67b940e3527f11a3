// Which kind of device answers like this? For the one that stands where another should.
import { wrongIdentity } from '../../shared/codec/identity.js';
import type { DeviceType } from '../../shared/device-type.js';

/** The ids of the types whose identify expects these bytes. */
export function typesAnswering(seen: Uint8Array, types: Iterable<DeviceType>): string[] {
  const answering = [...types].filter(
    ({ identify }) => identify !== undefined && wrongIdentity(seen, identify) === undefined,
  );
  return [...new Set(answering.map(({ id }) => id))];
}
