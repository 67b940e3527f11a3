// Cyclic redundancy checks in the parameters of Williams' model: width, poly, init, reflection, final xor.

export interface CrcSpec {
  /** Bits: 8 or 16. */
  readonly width: 8 | 16;
  /** Generator polynomial, most significant bit first, without its leading 1. */
  readonly poly: number;
  readonly init: number;
  /** Bytes go in and the result comes out least significant bit first. */
  readonly reflect: boolean;
  readonly xorOut: number;
}

/** The CRC of `bytes`. Bit by bit: a reply has 32 bytes at most, so tables would cost more than they save. */
export function crc(bytes: Uint8Array, { width, poly, init, reflect, xorOut }: CrcSpec): number {
  const mask = 2 ** width - 1;
  const top = 2 ** (width - 1);
  let register = init;
  for (const byte of bytes) {
    register ^= (reflect ? mirrored(byte, 8) : byte) << (width - 8);
    for (let bit = 0; bit < 8; bit++)
      register = ((register << 1) ^ ((register & top) === 0 ? 0 : poly)) & mask;
  }
  return (reflect ? mirrored(register, width) : register) ^ xorOut;
}

function mirrored(value: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((value >> bit) & 1) << (bits - 1 - bit);
  return result;
}
