// The one look of what is printed as a table: columns of the same width, two blanks between them, nothing around.
import { plain, type Colour, type Paint } from './paint.js';
import { printable } from './printable.js';

export type Cell = string | { readonly text: string; readonly colour: Colour };

/** One line a row. What clients made up is made harmless; a colour takes no room. */
export function columns(rows: readonly (readonly Cell[])[], paint: Paint = plain): string[] {
  const cells = rows.map((row) => row.map(shown));
  const widths: number[] = [];
  for (const row of cells)
    for (const [column, { width }] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width);
  return cells.map((row) =>
    row
      .map(({ text, width, colour }, column) => {
        const blanks = column === row.length - 1 ? 0 : (widths[column] ?? 0) - width;
        return `${colour === undefined ? text : paint(text, colour)}${' '.repeat(blanks)}`;
      })
      .join('  ')
      .trimEnd(),
  );
}

function shown(cell: Cell): { readonly text: string; readonly width: number; readonly colour?: Colour } {
  const text = printable(typeof cell === 'string' ? cell : cell.text);
  const width = Array.from(text).length;
  return typeof cell === 'string' || text === '' ? { text, width } : { text, width, colour: cell.colour };
}
