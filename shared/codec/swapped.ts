// Bytes in the order in which they are meant: some devices keep numbers and texts in 16-bit words that lie otherwise.

/** A copy: the 16-bit words from the last to the first, or the two bytes of each word changed. */
export function swapped(bytes: Uint8Array, swap: 'words' | 'bytes' | undefined): Uint8Array {
  if (swap === undefined) return bytes;
  const last = bytes.length - 1;
  // Of an odd number of bytes the one that is left over stays where it is.
  return bytes.map((byte, at) => {
    const partner = at % 2 === 0 ? at + 1 : at - 1;
    if (swap === 'bytes') return bytes[partner] ?? byte;
    return bytes[last - partner] ?? byte;
  });
}
