// A payload somebody sent → data, or an error that says what is wrong with it. Nothing here throws anything else.
import { GatewayError } from '../shared/errors.js';

/** A command or request is small; what is larger is a mistake or an attack. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** JSON of a payload. Throws GatewayError too_large or bad_json. `undefined` for an empty payload. */
export function parseJson(payload: Uint8Array): unknown {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    const message = `The payload has ${String(payload.length)} bytes; at most ${String(MAX_PAYLOAD_BYTES)} are taken.`;
    throw new GatewayError('too_large', message);
  }
  if (payload.length === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(payload)) as unknown;
  } catch (cause) {
    const shown = new TextDecoder().decode(payload.subarray(0, 40));
    throw new GatewayError('bad_json', `The payload is not JSON: ${shown}`, { cause });
  }
}
