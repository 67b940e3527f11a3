// The one look of what is printed as a table: columns of the same width, two blanks between them, numbers to the right,
// nothing around. On a terminal the last column is folded at its edge; elsewhere each row is one line.
import { plain, type Colour, type Look, type Paint } from './paint.js';
import { printable } from './printable.js';
import { widthOf, wrapped } from './width.js';

export type Cell =
  string | { readonly text: string; readonly colour?: Colour; readonly align?: 'left' | 'right' };

const GAP = '  ';
/** With less room the last column is not folded: its words would stand one below the other. */
const LEAST_ROOM = 20;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

interface Shown {
  readonly text: string;
  readonly width: number;
  readonly colour?: Colour | undefined;
  readonly align?: 'left' | 'right' | undefined;
}

/** One line a row, or more where `widthColumns` is given and it is wider. What clients made up is made harmless; a colour takes no room. */
export function columns(
  rows: readonly (readonly Cell[])[],
  paint: Paint = plain,
  widthColumns = Infinity,
): string[] {
  const cells = rows.map((row) => row.map(shown));
  const widths: number[] = [];
  for (const row of cells)
    for (const [column, { width }] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width);
  const areNumbers = widths.map((_, column) => isNumeric(cells.map((row) => row[column]?.text ?? '')));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  const room = widthColumns - before;
  const mostLast = room < LEAST_ROOM ? Infinity : room;
  return cells.flatMap((row) => linesOf(row, { widths, areNumbers, before, mostLast }, paint));
}

/** A table for people: its first row is the heading, which is bold; as wide as their terminal. */
export function table(rows: readonly (readonly Cell[])[], { paint, widthColumns }: Look): string[] {
  const [head = [], ...body] = rows;
  const bold = head.map((cell): Cell => ({ ...asObject(cell), colour: 'bold' }));
  return columns([bold, ...body], paint, widthColumns);
}

interface Measures {
  readonly widths: readonly number[];
  readonly areNumbers: readonly boolean[];
  readonly before: number;
  readonly mostLast: number;
}

function linesOf(row: readonly Shown[], measures: Measures, paint: Paint): string[] {
  const { widths, areNumbers, before, mostLast } = measures;
  const isFolded = row.length === widths.length && (row.at(-1)?.width ?? 0) > mostLast;
  const [first = '', ...rest] = isFolded ? wrapped(row.at(-1)?.text ?? '', mostLast) : [];
  const fitting = isFolded ? [...row.slice(0, -1), { ...row.at(-1), ...shown(first) }] : row;
  const line = fitting
    .map((cell, column) => {
      const blanks = ' '.repeat(Math.max(0, (widths[column] ?? 0) - cell.width));
      const text = cell.colour === undefined || cell.text === '' ? cell.text : paint(cell.text, cell.colour);
      if (cell.align === 'right' || (cell.align === undefined && areNumbers[column] === true))
        return `${blanks}${text}`;
      return column === row.length - 1 ? text : `${text}${blanks}`;
    })
    .join(GAP)
    .trimEnd();
  return [line, ...rest.map((text) => `${' '.repeat(before)}${text}`)];
}

/** All of it but for a heading and what is not there. */
function isNumeric([head = '', ...body]: readonly string[]): boolean {
  const there = body.filter((text) => text !== '');
  if (there.length === 0) return NUMBER.test(head);
  return there.every((text) => NUMBER.test(text));
}

function shown(cell: Cell): Shown {
  const { text: raw, colour, align } = asObject(cell);
  const text = printable(raw);
  return { text, width: widthOf(text), colour, align };
}

function asObject(cell: Cell): Exclude<Cell, string> {
  return typeof cell === 'string' ? { text: cell } : cell;
}
