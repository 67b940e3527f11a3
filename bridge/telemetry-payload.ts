// A telemetry payload → a sample. Whoever sent it: the gateway itself or any client with sensors of its own.
import { z } from 'zod';
import { GatewayError } from '../shared/errors.js';
import { CLOCK_MARKS, type IncomingSample } from '../shared/sample.js';
import { explain } from './explain.js';
import { parseJson } from './payload.js';

const MAX_FIELDS = 256;
const fieldName = z.string().min(1).max(64);
const value = z.union([z.number(), z.boolean(), z.string().max(1024), z.null()]);

/** Unknown keys are dropped, not refused: what a client adds for itself must not cost its sample. */
const telemetry = z.object({
  ts: z.number().min(0).max(8.64e15).optional(),
  boot: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^/]+$/)
    .optional(),
  seq: z.int().min(0).optional(),
  values: z
    .record(fieldName, value)
    .refine((values) => Object.keys(values).length <= MAX_FIELDS, 'too many fields'),
  errors: z.record(fieldName, z.string().max(64)).optional(),
  clock: z.enum(CLOCK_MARKS).optional(),
});

/** Throws GatewayError: too_large, bad_json, bad_payload. A missing `ts` becomes `now`. */
export function parseTelemetry(
  payload: Uint8Array,
  gateway: string,
  device: string,
  now: number,
): IncomingSample {
  const parsed = telemetry.safeParse(parseJson(payload));
  if (!parsed.success) {
    const why = explain(parsed.error);
    throw new GatewayError('bad_payload', `Expected {"ts","boot","seq","values":{…}}: ${why}`);
  }
  const { ts, boot, seq, values, errors, clock } = parsed.data;
  return {
    gateway,
    device,
    ts: ts ?? now,
    values,
    ...(errors === undefined ? {} : { errors }),
    ...(clock === undefined ? {} : { clock }),
    ...(boot === undefined || seq === undefined ? {} : { identity: { boot, seq } }),
  };
}
