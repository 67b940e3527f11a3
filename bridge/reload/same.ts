// Whether two parts of a configuration say the same: plain data, with maps, sets and bytes in it.
import type { Device } from '../../shared/device-type.js';

/** Deep. The order of keys in an object does not count; that of a list, a map and a set does. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  if (isInOrder(one) && isInOrder(other)) return sameInOrder([...one], [...other]);
  return sameKeys({ ...one }, { ...other });
}

/** Whatever they are called. */
export function isAtOnePlace(one: Device, other: Device): boolean {
  return one.bus === other.bus && one.address === other.address && same(one.via, other.via);
}

function isInOrder(data: object): data is Iterable<unknown> {
  return Symbol.iterator in data;
}

function sameInOrder(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, index) => same(part, other[index]));
}

function sameKeys(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]))
  );
}
