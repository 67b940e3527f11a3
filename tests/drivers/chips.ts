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
  sgp40: [
    ['3682', '000081000081000081'],
    ['202F', '32206C'],
    ['280E', 'D400C6'],
    ['0006', '000081'],
  ],
  tmp117: [['01', '2220']],
  tsl2561: [['81', '02']],
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

/** What is written down of a data sheet has none. */
const DRIVER = /^(adafruit|sensirion)-/;

/** Whose driver was not written down, but reads here. */
const MORE_DRIVERS: readonly (readonly [string, string])[] = [
  ['24c32', 'adafruit-circuitpython-24lc32 1.2.6'],
  ['ina3221', 'adafruit-circuitpython-ina3221 1.2.3'],
  ['max44009', 'adafruit-circuitpython-max44009 1.0.1'],
  ['pcf8591', 'adafruit-circuitpython-pcf8591 1.0.25'],
  ['sgp40', 'adafruit-circuitpython-sgp40 1.3.24'],
  ['shtc3', 'adafruit-circuitpython-shtc3 1.1.22'],
  ['sps30', 'sensirion-i2c-sps30 1.0.0'],
  ['tsl2561', 'adafruit-circuitpython-tsl2561 3.3.25'],
  ['vl6180x', 'adafruit-circuitpython-vl6180x 1.4.21'],
];

/** Each once, as it was first heard with its driver. */
export function judgedChips(): readonly JudgedChip[] {
  const chips = new Map<string, JudgedChip>();
  const drivers = new Map(MORE_DRIVERS);
  for (const { chip, address, driver: heard, has } of spokenWithChips()) {
    const driver = drivers.get(chip) ?? heard;
    if (chips.has(chip) || !DRIVER.test(driver)) continue;
    const registers = new Map([...has, ...(MORE_REGISTERS[chip] ?? [])]);
    const [steady, refused] = [STEADY[chip] ?? [], REFUSED[chip] ?? []];
    const possible = (raws: RawNumbers): RawNumbers =>
      new Map([...raws].map(([id, raw]) => [id, POSSIBLE[chip]?.(id, raw, raws) ?? raw]));
    chips.set(chip, { chip, address, driver, registers, steady, refused, possible });
  }
  return [...chips.values()].toSorted((one, other) => one.chip.localeCompare(other.chip));
}
