// Two buses of the configuration that are one wire: their transactions would overlap on it.
import type { BusConfig } from '../../../shared/config/config.js';
import { adapterBehind } from './bus-path.js';

type NamedPath = Pick<BusConfig, 'id' | 'path'>;

/** Which of the others is the same adapter under another name, as the links lead now. */
export function sameWire(bus: NamedPath, others: readonly NamedPath[]): NamedPath | undefined {
  const adapter = adapterBehind(bus.path);
  // The same text is told without looking at the machine.
  return others.find(({ path }) => path !== bus.path && adapterBehind(path) === adapter);
}

export function oneWire(bus: NamedPath, other: NamedPath): string {
  return `${bus.path} and ${other.path} of the bus ${other.id} are one adapter`;
}
