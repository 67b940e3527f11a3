// The schemas of what is answered to requests, over MQTT as the data of a response, and over HTTP.
import { z } from 'zod';
import type { AcknowledgeAnswer, ListedAlarm } from '../../bridge/alarms/keeper.js';
import type { HistoryAnswer, PointsAnswer } from '../../bridge/history/history.js';
import type { LogbookAnswer } from '../../bridge/logbook/request.js';
import type { Difference } from '../../bridge/reload/difference.js';
import type { RawAnswer } from '../../bridge/requests/raw-access.js';
import type { ScanReport } from '../../bridge/requests/scan-bus.js';
import type { TraceAnswer } from '../../bridge/trace/traces.js';
import type { DeviceAddition } from '../edit/add-device.js';
import type { Kinds } from '../edit/kinds.js';
import type { Tried } from '../edit/try-device.js';
import { REPLY_STATUSES } from '../../shared/messages.js';
import { LOG_LEVELS } from '../../shared/topics.js';
import { acknowledged, alarm } from './devices.js';
import { errorBody, errorCode, errors, ms, recordedSample, value, values } from './words.js';

const range = { from: ms.describe('Inclusive.'), to: ms.describe('Exclusive.') };
const place = { device: z.string(), gateway: z.string().exactOptional(), ...range };
const missing = errorBody.exactOptional().describe('The store could not be asked, and why.');

const historyAnswer = z.object({
  ...place,
  samples: z.array(recordedSample).describe('Oldest first.'),
  truncated: z.boolean(),
  next: z.string().exactOptional().describe('The `after` of the next page.'),
  missing,
}) satisfies z.ZodType<unknown, HistoryAnswer>;

const number = z.number();

const pointsAnswer = z.object({
  ...place,
  bucketMs: z.number(),
  series: z
    .record(z.string(), z.array(z.tuple([number, number, number, number, number])))
    .describe('By field: [ts, count, min, avg, max] of each stretch that has numbers.'),
  waiting: z.int(),
  leftOutBefore: ms.exactOptional(),
  missing,
}) satisfies z.ZodType<unknown, PointsAnswer>;

const logged = { ts: ms, gateway: z.string(), name: z.string() };

const loggedCommand = z.object({
  kind: z.literal('command'),
  ...logged,
  device: z.string(),
  id: z.string(),
  status: z.enum(REPLY_STATUSES),
  args: z.record(z.string(), value).exactOptional(),
  error: errorBody.exactOptional(),
  ms: z.number(),
  by: z.object({ client: z.string(), user: z.string().exactOptional() }).exactOptional(),
  why: z.enum(['on_connect', 'on_stop', 'for', 'crash']).exactOptional(),
  of: z.string().exactOptional(),
  repeats: ms.exactOptional(),
});

const loggedEvent = z.object({
  kind: z.literal('event'),
  ...logged,
  device: z.string().exactOptional(),
  detail: z.looseObject({}).exactOptional(),
});

const logbookAnswer = z.object({
  ...range,
  entries: z.array(z.union([loggedCommand, loggedEvent])).describe('Oldest first.'),
  truncated: z.boolean(),
  next: z.string().exactOptional().describe('The `before` of the page with older ones.'),
}) satisfies z.ZodType<unknown, LogbookAnswer>;

const pauseAnswer = z.object({ device: z.string(), pausedUntil: ms });
const resumeAnswer = z.object({ device: z.string(), wasPaused: z.boolean() });
const alarmsAnswer = z.object({
  alarms: z.array(alarm.extend({ device: z.string(), alarm: z.string() })),
}) satisfies z.ZodType<unknown, { readonly alarms: readonly ListedAlarm[] }>;
const acknowledgeAnswer = z.object({
  device: z.string(),
  alarm: z.string(),
  isRaised: z.boolean().describe('False: it is over.'),
  acknowledged: acknowledged.exactOptional().describe('Who said it first.'),
}) satisfies z.ZodType<unknown, AcknowledgeAnswer>;
const levelAnswer = z.object({ level: z.enum(LOG_LEVELS) });
const plugAnswer = z.object({ device: z.string(), plugged: z.boolean() });

const rawAnswer = z.object({
  bus: z.string(),
  address: z.string(),
  device: z.string().exactOptional(),
  write: z.string().exactOptional(),
  read: z.string().exactOptional(),
  ms: z.number(),
}) satisfies z.ZodType<unknown, RawAnswer>;

const found = z.object({
  address: z.string(),
  device: z.string().exactOptional(),
  type: z.string().exactOptional(),
  mux: z.literal(true).exactOptional(),
});

const sweep = z.object({
  found: z.array(found),
  missing: z.array(z.object({ address: z.string(), device: z.string() })),
  claimed: z.array(z.string()),
  failed: z.array(z.object({ address: z.string(), code: errorCode, message: z.string() })),
});

const scanAnswer = sweep.extend({
  bus: z.string(),
  path: z.string(),
  probe: z.enum(['quick', 'read']),
  behind: z.array(sweep.extend({ mux: z.string(), channel: z.int() })).exactOptional(),
}) satisfies z.ZodType<unknown, ScanReport>;

const transaction = z.object({
  ts: ms,
  priority: z.enum(['command', 'poll']),
  write: z.string().exactOptional(),
  read: z.string().exactOptional(),
  readLength: z.int().exactOptional(),
  repeatedStart: z.literal(true).exactOptional(),
  code: z.union([z.literal('ok'), errorCode]),
  waitedMs: z.number(),
  ms: z.number().exactOptional(),
  values: values.exactOptional(),
  errors: errors.exactOptional(),
  fault: errorCode.exactOptional(),
});

const traceAnswer = z.object({
  devices: z.record(z.string(), z.array(transaction)),
  leftOut: z.int().exactOptional(),
});

/** Field errors are any text in the schema, and codes in the interface: the one is not assignable to the other. */
type Answered = Omit<TraceAnswer, 'devices'>;
traceAnswer satisfies z.ZodType<unknown, Answered>;

const ids = z.array(z.string());

const reloadAnswer = z.object({
  added: ids.describe('Devices.'),
  removed: ids,
  changed: ids,
  needsRestart: ids.describe('Settings that stay as they were until a restart: http.port.'),
  waiting: ids.describe('Devices on a bus that only a restart opens.'),
}) satisfies z.ZodType<unknown, Difference>;

const tried = z.object({
  identified: z.boolean().describe('Its identity was asked for, and is right.'),
  values,
  units: z.record(z.string(), z.string()),
  errors: z.record(z.string(), z.string()),
  error: errorBody.exactOptional().describe('Why it could not be asked to the end.'),
}) satisfies z.ZodType<unknown, Tried>;

const additionAnswer = z.object({
  file: z.string(),
  difference: z.array(
    z.object({ kind: z.enum(['same', 'added', 'removed', 'gap']), text: z.string(), line: z.int() }),
  ),
  entries: ids.describe('The same to be written by hand.'),
  mark: z.string().describe('Of the file as it was shown; `save` wants it.'),
  tried: tried.exactOptional().describe('Of `try`.'),
  saved: z
    .union([
      z.object({ ok: z.literal(true), taken: reloadAnswer }),
      z.object({ ok: z.literal(false), why: z.string() }),
    ])
    .exactOptional()
    .describe('Of `save`.'),
}) satisfies z.ZodType<unknown, DeviceAddition>;

const kindsAnswer = z.object({
  types: ids,
  chips: z.array(
    z.object({
      chip: z.string(),
      label: z.string().exactOptional(),
      fits: z.boolean().describe('It can be at this address. Those first.'),
    }),
  ),
}) satisfies z.ZodType<unknown, Kinds>;

/** By the names that others know them by. */
export const ANSWERS = {
  History: historyAnswer,
  Points: pointsAnswer,
  Logbook: logbookAnswer,
  Pause: pauseAnswer,
  Resume: resumeAnswer,
  Alarms: alarmsAnswer,
  Acknowledge: acknowledgeAnswer,
  LogLevel: levelAnswer,
  Plug: plugAnswer,
  RawTransaction: rawAnswer,
  Scan: scanAnswer,
  Trace: traceAnswer,
  Reload: reloadAnswer,
  Addition: additionAnswer,
  Kinds: kindsAnswer,
};

export type AnswerName = keyof typeof ANSWERS;
