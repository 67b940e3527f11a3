// The small words of the configuration: durations, sizes, ids, bytes.
import { z } from 'zod';
import { ID_PATTERN } from '../../topics.js';
import { durationWords, sizeWords } from '../../words/amounts.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const SIZE = /^(\d+)(KB|MB|GB)$/;
const UNIT_BYTES: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** `10m` → 600000; undefined where the text is no duration. */
export function parseDurationMs(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  const factor = unit === undefined ? undefined : UNIT_MS[unit];
  return factor === undefined ? undefined : Number(count) * factor;
}

/** The milliseconds of what the schema already knows to be a duration. */
export function durationMs(text: string): number {
  return parseDurationMs(text) ?? 0;
}

/** `10MB` → 10485760; undefined where the text is no size. */
export function parseSizeBytes(text: string): number | undefined {
  const [, count, unit] = SIZE.exec(text) ?? [];
  const factor = unit === undefined ? undefined : UNIT_BYTES[unit];
  return factor === undefined ? undefined : Number(count) * factor;
}

export const id = z
  .string()
  .regex(
    ID_PATTERN,
    'an id is 1 to 64 of a-z, 0-9, _ and -, and starts with a letter or digit: it becomes part of a topic',
  );

export const duration = z.string({ error: durationWords }).regex(DURATION, { error: durationWords });

/** Of a wait whose timer is not ours (aedes'), or where nobody means more: setTimeout ends a longer one after 1 ms. */
export function durationUpTo(most: string): typeof duration {
  return duration.refine((text) => durationMs(text) <= durationMs(most), `is at most ${most}`);
}

export function durationFrom(least: string): typeof duration {
  return duration.refine((text) => durationMs(text) >= durationMs(least), `is at least ${least}`);
}

/** 0KB is none. */
export const sizeOrNone = z.string({ error: sizeWords }).regex(SIZE, { error: sizeWords });

export const size = sizeFrom('1KB');

/** With less nothing would ever have room. */
export function sizeFrom(least: string): typeof sizeOrNone {
  const leastBytes = parseSizeBytes(least) ?? 0;
  return sizeOrNone.refine(
    (text) => (parseSizeBytes(text) ?? leastBytes) >= leastBytes,
    `is at least ${least}`,
  );
}

export const byte = z.int('a byte is a whole number from 0 to 255 (0x00 to 0xFF)').min(0).max(255);

/** The longest of any device: how much its own type takes is another matter (resolve/largest.ts). */
export const MOST_BYTES = 1024;

export const bytes = z
  .array(byte)
  .min(1)
  .max(MOST_BYTES, `at most ${String(MOST_BYTES)} bytes`);

export const label = z.string().min(1).max(100);

export const port = z.int().min(0).max(65_535);
