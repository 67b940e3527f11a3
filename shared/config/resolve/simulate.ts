// What a simulated Arduino runs and what is at its pins.
import type { SimulatedInput, SimulateSpec } from '../simulated.js';
import { durationMs } from '../schema/scalars.js';
import type { TypeInput } from '../schema/type.js';

export function resolveSimulate(input: NonNullable<TypeInput['simulate']>): SimulateSpec {
  const inputs = Object.entries(input.inputs).map(([pin, source]): [string, SimulatedInput] => [
    pin,
    'filled_by' in source
      ? {
          kind: 'tank',
          filledBy: source.filled_by,
          gain: source.gain,
          leak: source.leak,
          start: source.start,
        }
      : { kind: 'wave', mean: source.mean, swing: source.swing, periodMs: durationMs(source.period) },
  ]);
  return { firmware: input.firmware, inputs: new Map(inputs) };
}
