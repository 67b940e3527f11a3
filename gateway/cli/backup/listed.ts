// What a backup holds, for people.
import type { Manifest } from '../../backup/manifest.js';
import { printable } from '../print/printable.js';

export function listed({ made, program, gateway, schema, files }: Manifest): string[] {
  const whose = gateway === undefined ? '' : `, gateway ${gateway}`;
  const store = schema === undefined ? '' : `, store of version ${String(schema)}`;
  return [
    `made ${made} by version ${program}${whose}${store}`,
    ...files.map(
      ({ path, bytes, from }) =>
        `${sizeWords(bytes).padStart(12)}  ${path}${from === undefined ? '' : ` (${from})`}`,
    ),
  ].map(printable);
}

/** `37 B`, `90.1 kB`, `1.2 GB`. */
export function sizeWords(bytes: number): string {
  const units = ['kB', 'MB', 'GB'];
  if (bytes < 1000) return `${String(bytes)} B`;
  let [value, unit] = [bytes / 1000, 0];
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value.toFixed(1)} ${units[unit] ?? ''}`;
}
