// Which kind of device answers like this? For the one that stands where another should.
import type { DeviceType } from '../../shared/device-type.js';
import { sameBytes } from './same-bytes.js';

/** The ids of the types whose identify expects these bytes. */
export function typesAnswering(seen: Uint8Array, types: Iterable<DeviceType>): string[] {
  const answering = [...types].filter(
    ({ identify }) => identify !== undefined && sameBytes(seen, identify.expect),
  );
  return [...new Set(answering.map(({ id }) => id))];
}
