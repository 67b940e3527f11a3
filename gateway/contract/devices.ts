// The schemas of what is said of one device.
import { z } from 'zod';
import type { DeviceMeta } from '../../bridge/polling/meta.js';
import { CONDITION_KINDS, SEVERITIES } from '../../shared/alarms/spec.js';
import type { AlarmMessage, AvailabilityMessage, StateMessage } from '../../shared/messages.js';
import { errorCode, errors, ms, value, values } from './words.js';

/** Who has said that he knows of an alarm. */
export const acknowledged = z.object({ by: z.string(), ts: ms, note: z.string().exactOptional() });

const field = z.object({
  type: z.enum(['number', 'boolean', 'string']),
  unit: z.string().exactOptional(),
  min: z.number().exactOptional(),
  max: z.number().exactOptional(),
  label: z.string().exactOptional(),
  names: z.array(z.string()).exactOptional().describe('All that it can be, where it is one of some names.'),
});

const argument = field.extend({
  default: z.union([z.number(), z.boolean(), z.string()]).exactOptional(),
  integer: z.literal(true).exactOptional().describe('Whole numbers only.'),
  step: z.number().exactOptional().describe('What one number differs from the next by.'),
  maxLength: z.int().exactOptional().describe('Of a text: characters.'),
});

const command = z.object({
  label: z.string().exactOptional(),
  args: z.record(z.string(), argument),
  for: z
    .object({ defaultMs: z.number().exactOptional(), maxMs: z.number() })
    .exactOptional()
    .describe('Where its output ends safely: for how long it lasts.'),
});

export const meta = z.object({
  id: z.string(),
  type: z.string(),
  label: z.string(),
  bus: z.string(),
  address: z.string().describe('Hex, such as 0x18.'),
  behind: z.object({ mux: z.string(), channel: z.int() }).exactOptional(),
  fields: z.record(
    z.string(),
    field.extend({
      recordedEveryMs: z.number().describe('No more lies between two readings that are recorded.'),
    }),
  ),
  commands: z.record(z.string(), command),
  intervalsMs: z.array(z.number()).describe('One interval a sample.'),
}) satisfies z.ZodType<unknown, DeviceMeta>;

export const availability = z.object({
  state: z.enum(['online', 'degraded', 'offline']),
  since: ms,
  reason: errorCode.nullable(),
  message: z.string().exactOptional(),
  hint: z.string().exactOptional(),
  pausedUntil: ms.exactOptional(),
}) satisfies z.ZodType<unknown, AvailabilityMessage>;

export const state = z.object({ ts: ms, values, errors: errors.exactOptional() }) satisfies z.ZodType<
  unknown,
  StateMessage
>;

const fault = z.object({
  count: z.int(),
  share: z.number(),
  ts: ms,
  bytes: z.string().exactOptional(),
  message: z.string().exactOptional(),
  hint: z.string().exactOptional(),
});

const traffic = z.object({
  transactions: z.int(),
  failures: z.int(),
  busyMs: z.number(),
  meanMs: z.number().exactOptional(),
  longestMs: z.number(),
  share: z.number(),
});

export const deviceHealth = z.object({
  ts: ms,
  availability: z.object({
    state: z.enum(['unknown', 'online', 'degraded', 'offline']),
    since: ms,
    reason: errorCode.nullable(),
  }),
  polls: z.int(),
  missed: z.int(),
  probes: z.int(),
  failures: z.int(),
  unchanged: z.int(),
  pausedUntil: ms.exactOptional(),
  bus: z.string().exactOptional(),
  traffic: traffic.exactOptional(),
  faults: z.record(z.string(), fault),
});

export const alarm = z.object({
  state: z.enum(['raised', 'clear']),
  since: ms.describe('Of the state.'),
  severity: z.enum(SEVERITIES),
  kind: z.enum(CONDITION_KINDS).describe('What raises it.'),
  label: z.string(),
  field: z.string().exactOptional(),
  limit: z.string().exactOptional().describe('In words, with the unit.'),
  value: value.exactOptional().describe('That raised it; while it is raised.'),
  message: z.string().exactOptional().describe('While it is raised.'),
  acknowledged: acknowledged.exactOptional(),
}) satisfies z.ZodType<unknown, AlarmMessage>;

/** Over HTTP: what its retained topics say, as far as the asker may read them. */
export const device = z.object({
  id: z.string(),
  meta: meta.exactOptional(),
  availability: availability.nullable().exactOptional(),
  state: state.nullable().exactOptional(),
});
