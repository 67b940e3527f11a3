// A payload of the event topic → an entry of the logbook.
import { z } from 'zod';
import { GatewayError } from '../../shared/errors.js';
import type { EventEntry } from '../../shared/logbook.js';
import { ID_PATTERN } from '../../shared/topics.js';
import { payloadOf } from '../payload/explain.js';
import { parseJson } from '../payload/payload.js';

const MAX_BYTES = 4096;
/** Of objects and lists within each other. MongoDB takes 100, and refuses the whole batch for one that has more. */
const MAX_DEPTH = 32;

const event = z.looseObject({
  type: z.string().min(1).max(64),
  ts: z.number().min(0).max(8.64e15).optional(),
  device: z.string().regex(ID_PATTERN, 'an id is of a-z, 0-9, _ and -').optional(),
});

/** Throws GatewayError: too_large, bad_json, bad_payload. A missing `ts` becomes `now`. */
export function parseEvent(payload: Uint8Array, gateway: string, now: number): EventEntry {
  if (payload.length > MAX_BYTES)
    throw new GatewayError('too_large', `An event has at most ${String(MAX_BYTES)} bytes.`);
  const data = parseJson(payload);
  if (depthOf(data) > MAX_DEPTH)
    throw new GatewayError('bad_payload', `An event is nested ${String(MAX_DEPTH)} deep at most.`);
  const { type, ts, device, ...detail } = payloadOf(event, data, '{"type","ts",…}');
  return {
    kind: 'event',
    ts: ts ?? now,
    gateway,
    name: type,
    ...(device === undefined ? {} : { device }),
    ...(Object.keys(detail).length === 0 ? {} : { detail }),
  };
}

/** 4 KB are at most some 2,000 levels, which recursion bears. */
function depthOf(data: unknown): number {
  if (typeof data !== 'object' || data === null) return 0;
  return 1 + Object.values(data).reduce((deepest: number, inner) => Math.max(deepest, depthOf(inner)), 0);
}
