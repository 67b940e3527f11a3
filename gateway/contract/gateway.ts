// The schemas of what the gateway says of itself, and of its answers to commands.
import { z } from 'zod';
import { SEVERITIES } from '../../shared/alarms/spec.js';
import {
  REPLY_STATUSES,
  type EventMessage,
  type ReplyMessage,
  type StatusMessage,
} from '../../shared/messages.js';
import { LOG_LEVELS } from '../../shared/topics.js';
import { errorBody, errorCode, ms, value } from './words.js';

export const status = z.object({
  state: z.enum(['online', 'offline']),
  boot: z.string().describe('Of this start of the gateway.'),
  ts: ms,
  host: z.string().exactOptional(),
  address: z.string().exactOptional(),
}) satisfies z.ZodType<unknown, StatusMessage>;

export const info = z.object({
  version: z.string(),
  node: z.string(),
  boot: z.string(),
  gateway: z.string(),
  only: z.literal('recorder').exactOptional().describe('A recorder alone.'),
  simulated: z.boolean().exactOptional(),
  broker: z.enum(['embedded', 'outside']),
  mqtt: z.array(z.string()).describe('Versions of MQTT that are spoken.'),
  buses: z.record(z.string(), z.object({ path: z.string(), bitsPerSecond: z.number() })).exactOptional(),
  devices: z.array(z.string()).exactOptional(),
  recorder: z.looseObject({ store: z.string(), keepMs: z.number() }),
  schemas: z.record(z.string(), z.string()).exactOptional().describe('Paths on the HTTP server.'),
});

const someNumbers = z.looseObject({}).exactOptional();

/** Its parts have numbers of their own, which come and go with versions: /metrics has names for them. */
export const health = z.looseObject({
  ts: ms,
  buses: someNumbers,
  devices: someNumbers,
  outputs: someNumbers,
  commands: someNumbers,
  recorder: someNumbers,
  outbox: someNumbers,
  store: someNumbers,
  broker: someNumbers,
  configuration: someNumbers,
});

export const busHealth = z.looseObject({
  ts: ms,
  state: z.enum(['up', 'down']),
  utilisation: z.number().exactOptional(),
  transactions: z.int().exactOptional(),
  failures: z.int().exactOptional(),
});

const ids = z.array(z.string()).exactOptional();

export const event = z.object({
  type: z.string().describe('Such as device.offline.'),
  ts: ms,
  device: z.string().exactOptional(),
  command: z.string().exactOptional(),
  bus: z.string().exactOptional(),
  code: errorCode.exactOptional(),
  message: z.string().exactOptional(),
  hint: z.string().exactOptional(),
  alarm: z.string().exactOptional(),
  severity: z.enum(SEVERITIES).exactOptional(),
  value: value.exactOptional(),
  by: z.string().exactOptional().describe('Who has acknowledged it.'),
  note: z.string().exactOptional(),
  from: ms.exactOptional(),
  to: ms.exactOptional(),
  corrected: z.int().exactOptional().describe('Samples that were moved with the clock.'),
  until: ms.exactOptional(),
  leftOut: z.int().exactOptional(),
  difference: z
    .object({ added: ids, removed: ids, changed: ids, needsRestart: ids, waiting: ids })
    .exactOptional()
    .describe('Of a configuration that was taken up: devices, and settings that need a restart.'),
}) satisfies z.ZodType<unknown, EventMessage>;

export const logLine = z.looseObject({ level: z.enum(LOG_LEVELS), time: z.string(), msg: z.string() });

export const reply = z.object({
  id: z.string(),
  status: z.enum(REPLY_STATUSES),
  by: z
    .enum(['on_connect', 'on_stop', 'for', 'crash'])
    .exactOptional()
    .describe('Why the gateway wrote by itself.'),
  of: z.string().exactOptional().describe('The id of the command that such a write follows.'),
  data: z.record(z.string(), value).exactOptional(),
  error: errorBody.exactOptional(),
  ts: ms,
  ms: z.number().describe('From the arrival of the command to this reply.'),
  repeated: z.literal(true).exactOptional().describe('The command came before, and this was its answer.'),
}) satisfies z.ZodType<unknown, ReplyMessage>;

const okResponse = z.object({ id: z.string(), status: z.literal('ok'), data: z.unknown() });
const errorResponse = z.object({ id: z.string(), status: z.literal('error'), error: errorBody });

export const response = z.union([okResponse, errorResponse]);
