// Whether a device that is described anew is still the same thing on its wires: a simulated one then keeps what it was told.
import { isAtOnePlace, same } from '../../bridge/reload/same.js';
import type { Device, DeviceType } from '../../shared/device-type.js';

export function isSameHardware(one: Device, other: Device): boolean {
  return isAtOnePlace(one, other) && same(wiresOf(one.type), wiresOf(other.type));
}

/** With firmware it is that; else it is made of its description, of which how often it is asked is no part. */
function wiresOf(type: DeviceType): unknown {
  if (type.simulate !== undefined) return type.simulate;
  const samples = type.samples.map(({ everyMs: _everyMs, onChange: _onChange, ...asked }) => asked);
  return { ...type, samples, label: undefined };
}
