// Which devices are shown, in which groups: search, filters and order, without a screen.
import type { Device } from '../live/model.js';
import type { Condition } from '../pieces/condition.js';
import type { Choices } from '../settings/preferences.js';

export interface Sieve {
  readonly search: string;
  /** Empty: all. */
  readonly state: Condition | '';
  readonly type: string;
  readonly bus: string;
}

export const EVERYTHING: Sieve = { search: '', state: '', type: '', bus: '' };

export interface Group {
  readonly name: string;
  readonly devices: readonly Device[];
}

type ConditionOf = (device: Device) => Condition;

export function sift(devices: Iterable<Device>, sieve: Sieve, conditionOf: ConditionOf): readonly Device[] {
  const words = sieve.search.toLowerCase().split(/\s+/).filter(Boolean);
  return [...devices]
    .filter((device) => {
      const { label, type = '', bus = '', address = '', fields } = device.meta;
      if (sieve.type !== '' && sieve.type !== type) return false;
      if (sieve.bus !== '' && sieve.bus !== bus) return false;
      if (sieve.state !== '' && sieve.state !== conditionOf(device)) return false;
      const names = [...fields.values()].map((field) => field.label);
      const text = [device.key, label, type, bus, address, ...names].join(' ').toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function grouped(
  devices: readonly Device[],
  by: Choices['group'],
  conditionOf: ConditionOf,
  conditionText: (condition: Condition) => string,
): readonly Group[] {
  if (by === 'none') return [{ name: '', devices }];
  const nameOf = (device: Device): string => {
    if (by === 'gateway') return device.gateway;
    return by === 'state' ? conditionText(conditionOf(device)) : (device.meta[by] ?? '–');
  };
  const groups = new Map<string, Device[]>();
  for (const device of devices) {
    const name = nameOf(device);
    const group = groups.get(name) ?? [];
    group.push(device);
    groups.set(name, group);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inside]) => ({ name, devices: inside }));
}

/** What there is to choose from, in order. */
export function kindsOf(devices: Iterable<Device>, key: 'type' | 'bus'): readonly string[] {
  return [...new Set([...devices].flatMap(({ meta }) => meta[key] ?? []))].sort();
}
