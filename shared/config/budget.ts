// How full a bus would be: the schedule's time on the wire against the time there is.
import type { Device, SampleSpec } from '../device-type.js';

/** Each byte is 8 bits and its acknowledgement; a START, a STOP and the address byte come with every transfer. */
const BITS_PER_BYTE = 9;
const BITS_PER_START_STOP = 2;

/** Milliseconds that a transaction of these lengths takes at the bus speed, without any stretching by the target. */
export function wireTimeMs(writeLength: number, readLength: number, bitsPerSecond: number): number {
  const transfers = [writeLength, readLength].filter((length) => length > 0);
  const bits = transfers.reduce((sum, length) => sum + (length + 1) * BITS_PER_BYTE + BITS_PER_START_STOP, 0);
  return (bits * 1000) / bitsPerSecond;
}

/** Milliseconds the bus is taken by one read of a sample, the device's rest included. */
export function sampleTimeMs(sample: SampleSpec, restMs: number, bitsPerSecond: number): number {
  return wireTimeMs(sample.write.length, sample.readLength, bitsPerSecond) + restMs;
}

/** The share of a bus that the schedule takes: above 1 it can't be held. */
export function scheduledLoad(devices: readonly Device[], bitsPerSecond: number): number {
  // Where devices behind several channels take turns, each read begins with the byte that selects its channel.
  const selectMs = wireTimeMs(1, 0, bitsPerSecond);
  const shares = devices.flatMap(({ type, via }) =>
    type.samples.map((sample) => {
      const ms = sampleTimeMs(sample, type.restMs, bitsPerSecond) + (via === undefined ? 0 : selectMs);
      return ms / sample.everyMs;
    }),
  );
  return shares.reduce((sum, share) => sum + share, 0);
}
