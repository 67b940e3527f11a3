// The chips that a driver judges: where they are, and what its driver asks for that no description needs.
import { spokenWithChips } from '../gateway/library/spoken.js';
import type { RawNumbers } from './raw-numbers.js';

export interface JudgedChip {
  readonly chip: string;
  readonly address: number;
  /** The package, with its version. */
  readonly driver: string;
  readonly registers: ReadonlyMap<string, string>;
  readonly steady: readonly string[];
  readonly refused: readonly string[];
  /** What of any raw numbers this chip can have. */
  readonly possible: (raws: RawNumbers) => RawNumbers;
}

/** Registers beside those of the conversations: that a new reading is there. */
const MORE_REGISTERS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  scd30: [['0202', '0001B0']],
  tmp117: [['01', '2220']],
};

/** Bits that are set to begin something go back when it has ended. */
const STEADY: Readonly<Record<string, readonly string[]>> = {
  as7341: ['80'],
  hts221: ['20', '21'],
  lps22hb: ['10', '11'],
};

/** A reset that has worked is not acknowledged. */
const REFUSED: Readonly<Record<string, readonly string[]>> = { max17048: ['FE5400'] };

const POSSIBLE: Readonly<Record<string, (id: string, raw: number, raws: RawNumbers) => number>> = {
  // Of its 16 bits the lowest four are always 0.
  ads1015: (_, raw) => raw & ~15,
  // Both orders of its switches are read from the same registers: there they have to be the same here.
  as7341: (id, raw, raws) => raws.get(`f${String(((Number(id.slice(1)) - 1) % 4) + 1)}`) ?? raw,
  // Its numbers end below: 7F FF FF is 1310 hPa.
  bmp581: (id, raw) => (id === 'pressure' ? raw & 0x7fffff : raw),
};

/** Each once, as it was first heard with its driver. */
export function judgedChips(): readonly JudgedChip[] {
  const chips = new Map<string, JudgedChip>();
  for (const { chip, address, driver, has } of spokenWithChips()) {
    if (chips.has(chip)) continue;
    const registers = new Map([...has, ...(MORE_REGISTERS[chip] ?? [])]);
    const [steady, refused] = [STEADY[chip] ?? [], REFUSED[chip] ?? []];
    const possible = (raws: RawNumbers): RawNumbers =>
      new Map([...raws].map(([id, raw]) => [id, POSSIBLE[chip]?.(id, raw, raws) ?? raw]));
    chips.set(chip, { chip, address, driver, registers, steady, refused, possible });
  }
  return [...chips.values()].toSorted((one, other) => one.chip.localeCompare(other.chip));
}
