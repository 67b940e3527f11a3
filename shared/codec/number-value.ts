// From the number in the bytes to the number in its unit: scale, offset, calibration.
import type { FieldSpec } from '../device-type.js';
import { calibrated } from './calibration.js';

/** Binary noise doesn't reach so many digits: 2149 × 0.01 is 21.49, not 21.490000000000002. */
const CLEAN_DIGITS = 12;
/** More than so many tell nothing more of a double. */
const MOST_DIGITS = 17;
/** Of the largest number of a sum: what rounding a product and a sum may cost, and twice that. */
const NOISE = 4 * 2 ** -53;

/** (raw × scale + offset), calibrated. */
export function toValue(raw: number, field: Pick<FieldSpec, 'scale' | 'offset' | 'calibration'>): number {
  const { scale = 1, offset = 0, calibration } = field;
  if (scale === 1 && offset === 0 && calibration === undefined) return raw;
  const scaled = raw * scale;
  const linear = scaled + offset;
  if (calibration !== undefined) return Number(calibrated(calibration, linear).toPrecision(CLEAN_DIGITS));
  return cleaned(linear, NOISE * Math.max(Math.abs(scaled), Math.abs(offset)));
}

/** The shortest number that differs by noise alone. */
function cleaned(value: number, noise: number): number {
  for (let digits = CLEAN_DIGITS; digits < MOST_DIGITS; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.abs(shorter - value) <= noise) return shorter;
  }
  return value;
}
