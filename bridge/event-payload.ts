// A payload of the event topic → an entry of the logbook.
import { z } from 'zod';
import { GatewayError } from '../shared/errors.js';
import type { EventEntry } from '../shared/logbook.js';
import { ID_PATTERN } from '../shared/topics.js';
import { explain } from './explain.js';
import { parseJson } from './payload.js';

const MAX_BYTES = 4096;

const event = z.looseObject({
  type: z.string().min(1).max(64),
  ts: z.number().min(0).max(8.64e15).optional(),
  device: z.string().regex(ID_PATTERN).optional(),
});

/** Throws GatewayError: too_large, bad_json, bad_payload. A missing `ts` becomes `now`. */
export function parseEvent(payload: Uint8Array, gateway: string, now: number): EventEntry {
  if (payload.length > MAX_BYTES)
    throw new GatewayError('too_large', `An event has at most ${String(MAX_BYTES)} bytes.`);
  const parsed = event.safeParse(parseJson(payload));
  if (!parsed.success)
    throw new GatewayError('bad_payload', `Expected {"type","ts",…}: ${explain(parsed.error)}`);
  const { type, ts, device, ...detail } = parsed.data;
  return {
    kind: 'event',
    ts: ts ?? now,
    gateway,
    name: type,
    ...(device === undefined ? {} : { device }),
    ...(Object.keys(detail).length === 0 ? {} : { detail }),
  };
}
