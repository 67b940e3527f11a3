// What changes between two texts, line by line, for people: a few lines around each place, as `diff -u` shows it.

export interface DifferenceLine {
  readonly kind: 'same' | 'added' | 'removed' | 'gap';
  readonly text: string;
  /** From 1: of the new text, of one that is removed of the old one. */
  readonly line: number;
}

const AROUND = 3;

/** Nothing where they are the same. `gap` stands for lines that are left out. */
export function lineDifference(before: string, after: string): readonly DifferenceLine[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  const all = walked(old, now);
  const changed = all.flatMap(({ kind }, index) => (kind === 'same' ? [] : [index]));
  const isNear = (index: number): boolean => changed.some((at) => Math.abs(at - index) <= AROUND);
  return all.flatMap((line, index): DifferenceLine[] => {
    if (isNear(index)) return [line];
    const beginsGap = index > 0 && isNear(index - 1) && changed.some((at) => at > index);
    return beginsGap ? [{ kind: 'gap', text: '', line: line.line }] : [];
  });
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

/** Greedy: behind a difference both go on where the nearest line of the other comes again. */
function walked(old: readonly string[], now: readonly string[]): readonly DifferenceLine[] {
  const lines: DifferenceLine[] = [];
  let [at, to] = [0, 0];
  while (at < old.length || to < now.length) {
    if (at < old.length && to < now.length && old[at] === now[to]) {
      lines.push({ kind: 'same', text: now[to] ?? '', line: to + 1 });
      at += 1;
      to += 1;
      continue;
    }
    const [added, removed] = [distance(now, to, old[at]), distance(old, at, now[to])];
    if (to < now.length && (at >= old.length || added < removed)) {
      lines.push({ kind: 'added', text: now[to] ?? '', line: to + 1 });
      to += 1;
    } else {
      lines.push({ kind: 'removed', text: old[at] ?? '', line: at + 1 });
      at += 1;
    }
  }
  return lines;
}

function distance(lines: readonly string[], from: number, wanted: string | undefined): number {
  const found = wanted === undefined ? -1 : lines.indexOf(wanted, from);
  return found === -1 ? Number.POSITIVE_INFINITY : found - from;
}
