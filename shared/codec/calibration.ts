// From what a sensor says to what is true: points with straight lines between them, or a polynomial.

export type Calibration =
  | {
      readonly kind: 'points';
      /** [said, true], the said ones rising; at least two. */
      readonly points: readonly (readonly [number, number])[];
    }
  | {
      readonly kind: 'polynomial';
      /** c0 + c1·x + c2·x² … */
      readonly coefficients: readonly number[];
    };

/** The true value. Outside its points a calibration goes on as its last two say: two points are the usual calibration. */
export function calibrated(calibration: Calibration, said: number): number {
  if (calibration.kind === 'polynomial')
    return calibration.coefficients.reduceRight((sum, coefficient) => sum * said + coefficient, 0);
  const { points } = calibration;
  const beyond = points.findIndex(([x]) => x >= said);
  const right = beyond === -1 ? points.length - 1 : Math.max(1, beyond);
  const [x0, y0] = points[right - 1] ?? [0, 0];
  const [x1, y1] = points[right] ?? [1, 1];
  return y0 + ((said - x0) * (y1 - y0)) / (x1 - x0);
}

const GRID = 64;
const HALVINGS = 50;

/** What a sensor would say between `low` and `high` for a true value, or what comes nearest: for simulated targets. */
export function uncalibrated(calibration: Calibration, value: number, low: number, high: number): number {
  const off = (said: number): number => calibrated(calibration, said) - value;
  const grid = Array.from({ length: GRID + 1 }, (_, index) => low + ((high - low) * index) / GRID);
  for (let index = 1; index < grid.length; index++) {
    const [from = low, to = high] = [grid[index - 1], grid[index]];
    if (off(from) * off(to) <= 0) return zeroBetween(off, from, to);
  }
  return grid.reduce((best, said) => (Math.abs(off(said)) < Math.abs(off(best)) ? said : best), low);
}

function zeroBetween(off: (x: number) => number, from: number, to: number): number {
  let [left, right] = [from, to];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (left + right) / 2;
    if (off(left) * off(middle) <= 0) right = middle;
    else left = middle;
  }
  return (left + right) / 2;
}
