// What stands where on the wire of the suite, and what can be asked of its far end: known on both sides.

export const AT = {
  /** The example's tank sketch: also what a real bus must have. */
  tank: 0x08,
  secondTank: 0x09,
  /** Firmware with bad habits (tests/firmware/sketches). */
  quirks: 0x30,
  /** Registers without firmware. */
  registers: 0x40,
  absent: 0x50,
} as const;

export type AdapterKind = 'i2c-tiny-usb' | 'i2c-tiny-usb without plain messages' | 'i2c-robotfuzz-osif';

/**
 * The first line that a connection to the far end sends: it becomes the plug of an adapter on the wire of this name (made
 * when it is first named), or asks for something to be done there, and gets a WireState as its answer.
 */
export type FarEndRequest =
  | { readonly wire: string; readonly plug: AdapterKind }
  | { readonly wire: string; readonly chip: PlacedChip }
  | { readonly wire: string; readonly ask: 'hold the clock' | 'release the clock' | 'pull quirks' | 'state' };

/** A chip of the library to be put on the wire; the answer is what our description reads of it (OurReading). */
export interface PlacedChip {
  readonly name: string;
  readonly address: number;
  readonly raws: readonly (readonly [string, number])[];
}

export interface WireState {
  /** Transactions asked for, be the wire free or not. */
  readonly transactions: number;
  /** Transactions that met another one on the wire. */
  readonly overlaps: number;
}
