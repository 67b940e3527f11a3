// The devices over HTTP: what their retained topics say, to those who may read these topics.
import type { DeviceSaid } from '../../bridge/polling/said.js';
import { nearest } from '../../shared/words/nearest.js';
import { GatewayError } from '../../shared/errors.js';
import type { Caller, RetainedTopic } from './access.js';

const TOPICS = ['meta', 'availability', 'state'] as const satisfies readonly RetainedTopic[];

/** What may not be read is not there; what is not known yet is null. */
export type DeviceAnswer = { readonly id: string } & Partial<DeviceSaid>;

type Devices = ReadonlyMap<string, DeviceSaid>;

/** In the order of the configuration: those of which something may be read. */
export function everyDevice(devices: Devices, caller: Caller): { readonly devices: readonly DeviceAnswer[] } {
  const readable = [...devices].filter(([id]) => mayReadSome(id, caller));
  return { devices: readable.map(([id, said]) => answerOf(id, said, caller)) };
}

/** Throws forbidden, or unknown_device with the name that was probably meant. */
export function oneDevice(devices: Devices, id: string, caller: Caller): DeviceAnswer {
  // First: who may not read it learns not even whether it is there.
  if (!mayReadSome(id, caller)) throw new GatewayError('forbidden', 'This user may not read this device.');
  const said = devices.get(id);
  if (said !== undefined) return answerOf(id, said, caller);
  const known = [...devices.keys()].filter((one) => mayReadSome(one, caller));
  const meant = nearest(id, known);
  const hint = meant === undefined ? 'GET /api/devices lists them.' : `Did you mean ${meant}?`;
  throw new GatewayError('unknown_device', `No device ${id.slice(0, 64)} is configured. ${hint}`);
}

function mayReadSome(id: string, caller: Caller): boolean {
  return TOPICS.some((topic) => caller.mayReadTopic(id, topic));
}

function answerOf(id: string, said: DeviceSaid, caller: Caller): DeviceAnswer {
  const readable = TOPICS.filter((topic) => caller.mayReadTopic(id, topic));
  return { id, ...Object.fromEntries(readable.map((topic) => [topic, said[topic]])) };
}
