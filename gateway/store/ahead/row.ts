// A sample on its way into the store: written to a file that only grows, and not in a table yet.
import type { IncomingRow, SampleRow } from '../rows/sample.js';

export interface AheadRow extends IncomingRow {
  readonly position: number;
  /** Epoch ms. */
  readonly acceptedTs: number;
}

/** With its identity: of one that came without, the store's id and its position. */
export function identified(row: AheadRow, storeId: string): SampleRow & { readonly position: number } {
  const { boot, seq, device, ts, gateway, body, position, clock, run } = row;
  const sample = { boot: boot ?? storeId, seq: seq ?? position, device, ts, gateway, body, position };
  if (clock === undefined) return sample;
  return run === undefined ? { ...sample, clock } : { ...sample, clock, run };
}
