// The schemas of small things that many messages are made of.
import { z } from 'zod';
import { ERROR_CODES, type ErrorBody, type ErrorCode } from '../../shared/errors.js';
import { CLOCK_MARKS, type RecordedSample, type Sample, type Value } from '../../shared/sample.js';

export const ms = z.number().describe('Epoch milliseconds.');

export const errorCode = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

export const errorBody = z.object({
  code: errorCode,
  message: z.string().describe('A sentence for people: what is wrong and what to do.'),
}) satisfies z.ZodType<unknown, ErrorBody>;

export const value = z.union([z.number(), z.boolean(), z.string(), z.null()]) satisfies z.ZodType<
  unknown,
  Value
>;

export const values = z
  .record(z.string(), value)
  .describe('By field. Null is what was read and is not believed, never zero.');
export const errors = z.record(z.string(), z.string()).describe('Why a field is null, by field.');

export const sample = z.object({
  ts: ms,
  boot: z.string(),
  seq: z.int(),
  values,
  errors: errors.exactOptional(),
  clock: z.enum(CLOCK_MARKS).exactOptional().describe('What the clock was worth; absent where it was right.'),
}) satisfies z.ZodType<unknown, Sample>;

export const recordedSample = sample.extend({
  gateway: z.string(),
  device: z.string(),
}) satisfies z.ZodType<unknown, RecordedSample>;
