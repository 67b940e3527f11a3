// request/pause and request/resume: a device left alone for a time, say while its firmware is flashed.
import { z } from 'zod';
import { parseDurationMs } from '../../shared/config/schema/scalars.js';
import { GatewayError } from '../../shared/errors.js';
import { durationWords } from '../../shared/words/amounts.js';
import { payloadOf } from '../payload/explain.js';
import type { Poller } from '../polling/poller.js';
import type { RequestHandler } from './requests.js';

const SHORTEST_MS = 1000;
/** Nobody remembers a pause for longer. */
const LONGEST_MS = 86_400_000;

export const pauseRequest = z.strictObject({ device: z.string(), for: z.string() });
export const resumeRequest = z.strictObject({ device: z.string() });

/** `{device, for: "10m"}` → `{device, pausedUntil}` in epoch ms. Throws bad_payload, unknown_device. */
export function pauseHandler(poller: Poller): RequestHandler {
  return (data) => answer(() => pause(poller, data));
}

/** `{device}` → `{device, wasPaused}`. Throws bad_payload, unknown_device. */
export function resumeHandler(poller: Poller): RequestHandler {
  return (data) => answer(() => resume(poller, data));
}

function answer(work: () => unknown): Promise<unknown> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

function pause(poller: Poller, data: unknown): { readonly device: string; readonly pausedUntil: number } {
  const { device, for: asked } = payloadOf(pauseRequest, data);
  const forMs = parseDurationMs(asked);
  if (forMs === undefined || forMs < SHORTEST_MS || forMs > LONGEST_MS)
    throw new GatewayError(
      'bad_payload',
      `for: ${forMs === undefined ? durationWords({ input: asked }) : 'is from 1s to 24h'}.`,
    );
  return { device, pausedUntil: poller.pause(device, forMs) };
}

function resume(poller: Poller, data: unknown): { readonly device: string; readonly wasPaused: boolean } {
  const { device } = payloadOf(resumeRequest, data);
  return { device, wasPaused: poller.resume(device) };
}
