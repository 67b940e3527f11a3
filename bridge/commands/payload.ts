// What a command's payload may be: an object, a bare scalar for the only argument, or nothing.
import { z } from 'zod';
import { GatewayError } from '../../shared/errors.js';
import { fit } from '../../shared/config/fit.js';
import { momentOf } from '../payload/asked-range.js';
import { payloadOf } from '../payload/explain.js';
import { parseJson } from '../payload/payload.js';

export interface CommandPayload {
  /** As sent; undefined where the sender gave none. */
  readonly id?: string;
  readonly args: ReadonlyMap<string, unknown>;
  /** A bare scalar, for the only argument. */
  readonly bare?: number | boolean | string;
  /** Epoch ms after which the command must not run. */
  readonly expires?: number;
  /** A duration after which what it set is made safe. */
  readonly for?: string;
}

const MAX_ID_LENGTH = 128;

/** Not z.record: that passes over a key named `__proto__` without a word, and every wrong argument is named here. */
const argumentObject = z.custom<Readonly<Record<string, unknown>>>(
  (data) => typeof data === 'object' && data !== null && !Array.isArray(data),
  'must be an object of arguments: {"level":128}',
);

export const commandEnvelope = z.strictObject({
  id: z.union([z.string().min(1).max(MAX_ID_LENGTH), z.int()]).optional(),
  args: argumentObject.optional(),
  expires: z.union([z.number(), z.string().max(64)]).optional(),
  for: z.string().max(20).optional(),
});

/** The message may have an end of its own: whatever comes first. */
export function endingBy(payload: CommandPayload, expires: number | undefined): CommandPayload {
  return expires === undefined
    ? payload
    : { ...payload, expires: Math.min(expires, payload.expires ?? Infinity) };
}

/** Throws GatewayError: too_large, bad_json, bad_payload. */
export function parseCommandPayload(payload: Uint8Array, now: number): CommandPayload {
  const data = parseJson(payload);
  if (data === undefined) return { args: new Map() };
  if (typeof data === 'number' || typeof data === 'boolean' || typeof data === 'string')
    return { args: new Map(), bare: data };
  const sent = payloadOf(commandEnvelope, data, '{"id","args":{…},"expires","for"}');
  const { id, args, expires, for: duration } = sent;
  return {
    args: new Map(Object.entries(args ?? {})),
    ...(id === undefined ? {} : { id: String(id) }),
    ...(expires === undefined ? {} : { expires: momentOf('expires', expires, now) }),
    ...(duration === undefined ? {} : { for: duration }),
  };
}

/**
 * The id of a payload that is refused for another reason: its answer must carry it, or the sender can't know
 * which of its commands was meant.
 */
export function idOfBadPayload(payload: Uint8Array): string | undefined {
  try {
    const parsed = fit(z.object({ id: commandEnvelope.shape.id }), parseJson(payload));
    return parsed.success && parsed.data.id !== undefined ? String(parsed.data.id) : undefined;
  } catch (thrown) {
    if (thrown instanceof GatewayError) return undefined;
    throw thrown;
  }
}
