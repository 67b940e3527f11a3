// What a backup holds, for people.
import type { Manifest } from '../../backup/manifest.js';
import { sizeWords } from '../../process/progress-words.js';
import { columns } from '../print/columns.js';
import { printable } from '../print/printable.js';

export function listed({ made, program, gateway, schema, files }: Manifest): string[] {
  const whose = gateway === undefined ? '' : `, gateway ${gateway}`;
  const store = schema === undefined ? '' : `, store of version ${String(schema)}`;
  const rows = files.map(({ path, bytes, from }) => [
    { text: sizeWords(bytes), align: 'right' } as const,
    `${path}${from === undefined ? '' : ` (${from})`}`,
  ]);
  return [printable(`made ${made} by version ${program}${whose}${store}`), ...columns(rows)];
}
