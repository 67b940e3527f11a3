// Checksums over a reply: the last byte(s) check all bytes before them.

export interface CheckSpec {
  readonly kind: 'crc8';
  readonly poly: number;
  readonly init: number;
}

/** Bytes at the end of the reply that belong to the check. */
export function checkLength(check: CheckSpec | undefined): number {
  return check === undefined ? 0 : 1;
}

/** CRC-8, most significant bit first, no reflection, no final xor (SMBus PEC with poly 0x07 and init 0). */
export function crc8(bytes: Uint8Array, poly: number, init: number): number {
  let crc = init;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 0x80) === 0 ? (crc << 1) & 0xff : ((crc << 1) ^ poly) & 0xff;
  }
  return crc;
}

/** True where the reply ends in the checksum of what stands before it. */
export function checksumHolds(reply: Uint8Array, check: CheckSpec): boolean {
  const body = reply.subarray(0, reply.length - checkLength(check));
  return reply.at(-1) === crc8(body, check.poly, check.init);
}

/** Appends the checksum: the far end's half of {@link checksumHolds}, for simulated targets. */
export function withChecksum(body: Uint8Array, check: CheckSpec | undefined): Uint8Array {
  return check === undefined ? body : Uint8Array.from([...body, crc8(body, check.poly, check.init)]);
}
