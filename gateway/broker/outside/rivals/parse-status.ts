// A message of a status topic, whoever sent it.
import { z } from 'zod';
import { fit } from '../../../../shared/config/fit.js';

const status = z.object({
  state: z.enum(['online', 'offline']),
  boot: z.string().max(64),
  host: z.string().max(256).optional(),
  address: z.string().max(64).optional(),
});

export type SeenStatus = z.infer<typeof status>;

/** Undefined where it is none. */
export function parseStatus(payload: Uint8Array): SeenStatus | undefined {
  try {
    const found = fit(status, JSON.parse(Buffer.from(payload).toString()));
    return found.success ? found.data : undefined;
  } catch {
    // Somebody else's text.
    return undefined;
  }
}
