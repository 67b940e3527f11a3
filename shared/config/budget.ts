// How full a bus would be: the schedule's time on the wire against the time there is.
import type { Device, QuestionSpec, SampleSpec } from '../device-type.js';

/** Each byte is 8 bits and its acknowledgement; a START, a STOP and the address byte come with every transfer. */
const BITS_PER_BYTE = 9;
const BITS_PER_START_STOP = 2;

type Question = Pick<
  QuestionSpec,
  'write' | 'readLength' | 'delayMs' | 'bytewise' | 'ready' | 'repeatedStart'
>;

/** Milliseconds that a transaction of these lengths takes at the bus speed, without any stretching by the target. */
export function wireTimeMs(writeLength: number, readLength: number, bitsPerSecond: number): number {
  const transfers = [writeLength, readLength].filter((length) => length > 0);
  const bits = transfers.reduce((sum, length) => sum + (length + 1) * BITS_PER_BYTE + BITS_PER_START_STOP, 0);
  return (bits * 1000) / bitsPerSecond;
}

/** The transactions of one read of a sample, at least: a device that is not ready is asked more often. */
function transactionsOf(question: Question): readonly { readonly write: number; readonly read: number }[] {
  const { write, readLength, delayMs, bytewise = false, ready, repeatedStart } = question;
  const isOne = readLength > 0 && delayMs === undefined && !bytewise && ready === undefined;
  if (isOne || repeatedStart) return [{ write: write.length, read: readLength }];
  if (readLength === 0) return write.length === 0 ? [] : [{ write: write.length, read: 0 }];
  const reads = bytewise
    ? Array.from({ length: readLength }, () => ({ write: 0, read: 1 }))
    : [{ write: 0, read: readLength }];
  return write.length === 0 ? reads : [{ write: write.length, read: 0 }, ...reads];
}

/**
 * Milliseconds the bus is taken by one read of a sample, the device's rest after each transaction included. A delay
 * between write and read is not: others use the bus meanwhile.
 */
export function sampleTimeMs(sample: SampleSpec, restMs: number, bitsPerSecond: number): number {
  const questions: readonly Question[] = sample.conversation?.steps ?? [sample];
  const acknowledged = sample.conversation?.acknowledge;
  const written = acknowledged === undefined ? [] : [{ write: acknowledged.length, read: 0 }];
  return [...questions.flatMap(transactionsOf), ...written].reduce(
    (sum, { write, read }) => sum + wireTimeMs(write, read, bitsPerSecond) + restMs,
    0,
  );
}

/** Reads that the schedule of a device makes in a millisecond. */
export function readsPerMs({ type }: Device): number {
  return type.samples.reduce((sum, { everyMs }) => sum + 1 / everyMs, 0);
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

/** The share of its time in which a device is asked or left alone between write and read: above 1 it can't be held. */
export function deviceLoad({ type }: Device, bitsPerSecond: number): number {
  return type.samples.reduce((sum, sample) => {
    const steps: readonly Question[] = sample.conversation?.steps ?? [sample];
    const delayMs = steps.reduce((pauses, step) => pauses + (step.delayMs ?? 0), 0);
    return sum + (sampleTimeMs(sample, type.restMs, bitsPerSecond) + delayMs) / sample.everyMs;
  }, 0);
}
