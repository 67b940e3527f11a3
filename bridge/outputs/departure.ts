// Which outputs of a device end when it leaves the configuration or is described anew, and which run on.
import type { Device } from '../../shared/device-type.js';
import { isAtOnePlace, same } from '../reload/same.js';
import type { Output } from './life.js';

type Outputs = ReadonlyMap<string, Output>;

export interface Departure {
  /** Nobody asks what is at this place any more. */
  readonly goes: boolean;
  readonly ending: readonly Output[];
  /** By command. */
  readonly staying: Outputs;
}

/** `next` is undefined where it leaves. An output stays where it is at the same place and would be ended in the same way. */
export function departureOf(outputs: Outputs, device: Device, next: Device | undefined): Departure {
  const goes = next === undefined || !isAtOnePlace(next, device);
  const stays = (command: string, { ending }: Output): boolean =>
    !goes && same(ending, next.type.commands.get(command)?.ending);
  const all = [...outputs];
  return {
    goes,
    ending: all.flatMap(([command, output]) => (stays(command, output) ? [] : output)),
    staying: new Map(all.filter(([command, output]) => stays(command, output))),
  };
}
