// The samples ahead of the tables, in memory, in their order. What a transaction did to them is undone with it, whole or
// from a mark on.
import type { AheadRow } from './row.js';

type Change = { readonly added: AheadRow } | { readonly removed: AheadRow };

export class RowsAhead {
  #rows = new Map<number, AheadRow>();
  #bytes = 0;
  #last: AheadRow | undefined;
  #changes: Change[] = [];

  get size(): number {
    return this.#rows.size;
  }

  /** Of their bodies. */
  get bytes(): number {
    return this.#bytes;
  }

  get first(): AheadRow | undefined {
    return this.#rows.values().next().value;
  }

  /** The newest; positions only grow. */
  get last(): AheadRow | undefined {
    return this.#last !== undefined && this.#rows.has(this.#last.position)
      ? this.#last
      : [...this.#rows.values()].at(-1);
  }

  /** Oldest first. */
  values(): Iterable<AheadRow> {
    return this.#rows.values();
  }

  has(position: number): boolean {
    return this.#rows.has(position);
  }

  add(row: AheadRow): void {
    this.#put(row);
    this.#changes.push({ added: row });
  }

  /** Those that are here. */
  remove(positions: Iterable<number>): void {
    for (const position of positions) {
      const removed = this.#rows.get(position);
      if (removed === undefined) continue;
      this.#take(removed);
      this.#changes.push({ removed });
    }
  }

  /** Added since the last `settle`, and still here. */
  added(): readonly AheadRow[] {
    return this.#changes.flatMap((change) =>
      'added' in change && this.#rows.has(change.added.position) ? [change.added] : [],
    );
  }

  /** Removed since the last `settle`, without those that were added since as well. */
  removed(): readonly number[] {
    const added = new Set(
      this.#changes.flatMap((change) => ('added' in change ? [change.added.position] : [])),
    );
    return this.#changes.flatMap((change) =>
      'removed' in change && !added.has(change.removed.position) ? [change.removed.position] : [],
    );
  }

  /** The changes so far stay. */
  settle(): void {
    this.#changes = [];
  }

  mark(): number {
    return this.#changes.length;
  }

  undoTo(mark: number): void {
    const undone = this.#changes.splice(mark).reverse();
    for (const change of undone) {
      if ('added' in change) this.#take(change.added);
      else this.#put(change.removed);
    }
    // What was put back stands behind what came later.
    if (undone.some((change) => 'removed' in change))
      this.#rows = new Map([...this.#rows].sort(([one], [other]) => one - other));
  }

  #put(row: AheadRow): void {
    this.#rows.set(row.position, row);
    if (row.position >= (this.#last?.position ?? 0)) this.#last = row;
    this.#bytes += Buffer.byteLength(row.body);
  }

  #take(row: AheadRow): void {
    if (this.#rows.delete(row.position)) this.#bytes -= Buffer.byteLength(row.body);
  }
}
