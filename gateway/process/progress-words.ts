// Rates, sizes and times that are left, for people.

/** What is counted a second. */
export type Counted = 'bytes' | 'samples';

/** `37 B`, `90.1 kB`, `1.2 GB`. */
export function sizeWords(bytes: number): string {
  const units = ['kB', 'MB', 'GB'];
  if (bytes < 1000) return `${String(Math.round(bytes))} B`;
  let [value, unit] = [bytes / 1000, 0];
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `12.3 MB/s`, `5200 samples/s`. */
export function rateWords(perSecond: number, counted: Counted): string {
  return counted === 'bytes' ? `${sizeWords(perSecond)}/s` : `${String(Math.round(perSecond))} ${counted}/s`;
}

/** `8 s left`, `3 min left`, `2 h 10 min left`. */
export function timeLeftWords(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000);
  if (seconds < 100) return `${String(seconds)} s left`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 100) return `${String(minutes)} min left`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min left`;
}
