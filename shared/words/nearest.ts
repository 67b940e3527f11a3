// Of some names the one that was probably meant: who mistypes a name is helped by one more than by a list.

/** So many signs in a hundred may be wrong: of less alike names nobody means the other. */
const MOST_WRONG_PERCENT = 50;
/** Longer than every id: what is compared costs by its length. */
const MOST_CHARS = 64;

/** The first of those most like it; undefined where none is like it. */
export function nearest(asked: string, names: Iterable<string>): string | undefined {
  const given = asked.slice(0, MOST_CHARS).toLowerCase();
  let best: string | undefined;
  let least = Math.floor((given.length * MOST_WRONG_PERCENT) / 100);
  for (const name of names) {
    const wrong = distance(given, name.toLowerCase());
    if (wrong > least || (wrong === least && best !== undefined)) continue;
    best = name;
    least = wrong;
  }
  return best;
}

/** How many signs are to be put in, taken out or changed, or stand before their neighbour (Levenshtein, Damerau). */
function distance(one: string, other: string): number {
  let earlier: number[] = [];
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 0; row < one.length; row += 1) {
    const now = [row + 1];
    for (let column = 0; column < other.length; column += 1) {
      const changed = (before[column] ?? 0) + (other[column] === one[row] ? 0 : 1);
      const isSwapped = column > 0 && other[column] === one[row - 1] && other[column - 1] === one[row];
      const swapped = isSwapped ? (earlier[column - 1] ?? 0) + 1 : Infinity;
      now.push(Math.min(changed, swapped, (before[column + 1] ?? 0) + 1, (now[column] ?? 0) + 1));
    }
    earlier = before;
    before = now;
  }
  return before[other.length] ?? 0;
}
