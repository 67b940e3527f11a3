// What a device at an address may be: the types of the configuration, and chips of the library, first those that have it.
import type { Library } from '../../shared/config/resolve/bases.js';
import { addressesIn } from './chip-addresses.js';

export interface Kinds {
  /** Types of the configuration, by id. */
  readonly types: readonly string[];
  /** `fits`: the chip can be at this address. Those first. */
  readonly chips: readonly { readonly chip: string; readonly label?: string; readonly fits: boolean }[];
}

export function kindsAt(
  address: number,
  types: Iterable<string>,
  library: Library,
  textOf: (chip: string) => string | undefined,
): Kinds {
  const chips = library.names.map((chip) => {
    const label = labelOf(chip, library);
    const fits = addressesIn(textOf(chip) ?? '').includes(address);
    return { chip, ...(label === undefined ? {} : { label }), fits };
  });
  return { types: [...types], chips: chips.toSorted((a, b) => Number(b.fits) - Number(a.fits)) };
}

/** A kind of another chip may have none of its own. */
function labelOf(name: string, library: Library): string | undefined {
  const chip = library.read(name);
  if (typeof chip !== 'object' || chip === null) return undefined;
  if ('label' in chip) return String(chip.label);
  return 'use' in chip ? labelOf(String(chip.use), library) : undefined;
}
