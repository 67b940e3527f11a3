// From the number in the bytes to the number in its unit: scale, offset, calibration.
import type { FieldSpec } from '../device-type.js';
import { calibrated } from './calibration.js';

/** Digits that binary noise doesn't reach: 2149 × 0.01 is 21.49, not 21.490000000000002. */
const CLEAN_DIGITS = 12;

/** (raw × scale + offset), calibrated. */
export function toValue(raw: number, field: Pick<FieldSpec, 'scale' | 'offset' | 'calibration'>): number {
  const { scale = 1, offset = 0, calibration } = field;
  if (scale === 1 && offset === 0 && calibration === undefined) return raw;
  const linear = raw * scale + offset;
  const value = calibration === undefined ? linear : calibrated(calibration, linear);
  return Number(value.toPrecision(CLEAN_DIGITS));
}
