// Whether devices look alive at a broker, as docs/availability.md says it, and a gateway that is light to run.
import { z } from 'zod';
import { type ExampleConfig, type GatewaySettings } from '../gateway-process.js';
import type { AvailabilityMessage, StatusMessage } from '../../../shared/messages.js';
import { retainedBelow } from './retained-topics.js';
import { untilAsync } from '../waiting.js';

export const ROOT = 'iot/greenhouse';
export const DEVICES = ['lamp-1', 'tank-1', 'tank-2'];

export type Retained = ReadonlyMap<string, string>;

export function isThere(retained: Retained, device: string): boolean {
  const status = JSON.parse(retained.get(`${ROOT}/status`) ?? '{}') as Partial<StatusMessage>;
  const told = retained.get(`${ROOT}/device/${device}/availability`) ?? '{}';
  const { state } = JSON.parse(told) as Partial<AvailabilityMessage>;
  return status.state === 'online' && (state === 'online' || state === 'degraded');
}

export async function untilRetained(
  url: string,
  what: string,
  holds: (retained: Retained) => boolean,
): Promise<Retained> {
  let retained: Retained = new Map();
  await untilAsync(
    what,
    async () => {
      retained = await retainedBelow(url, ROOT);
      return holds(retained);
    },
    60_000,
  );
  return retained;
}

export const untilAllThere = (url: string): Promise<Retained> =>
  untilRetained(url, 'all devices', (retained) => DEVICES.every((device) => isThere(retained, device)));

/** Targets made from their descriptions, which cost less than firmware. */
function light({ types, devices }: ExampleConfig): void {
  for (const type of Object.values(types)) delete type.simulate;
  delete devices['climate-1'];
}

/** At the outside broker of this address, or at its own. */
export function lightGateway(
  url: string | undefined,
  dataDir: string,
  change: (config: ExampleConfig) => void = () => undefined,
): GatewaySettings {
  return {
    ...(url === undefined ? {} : { args: ['--no-broker', '--mqtt', url] }),
    dataDir,
    change: (config) => {
      light(config);
      change(config);
    },
  };
}

/** What is changed below is the file's own objects: they pass through as they are. */
const lampSchema = z.custom<{ readonly samples: readonly { readonly fields: Record<string, unknown> }[] }>(
  (lamp) => typeof lamp === 'object' && lamp !== null && 'samples' in lamp && Array.isArray(lamp.samples),
);

/** Tank-2 and a field of the lamp leave the configuration. */
export function withoutTank2AndLight(config: ExampleConfig): void {
  delete config.devices['tank-2'];
  for (const { fields } of lampSchema.parse(config.types['lamp']).samples) delete fields['light'];
}
